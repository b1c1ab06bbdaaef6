// The smallest container app: one mini program, which is a page with `tt.request`. Needs iOS 14.
// To run it, make an app in Xcode, add this package, and replace its sources by App and Shared.

import SwiftUI

@main
struct SampleApp: App {
  private let container = Container()

  var body: some Scene {
    WindowGroup {
      PageView(container: container)
    }
  }
}
