// The declarations of UIKit that the package and the sample use, with Apple's signatures.

@_exported public import Foundation

@MainActor open class UIApplication: NSObject {
  public static let didEnterBackgroundNotification =
    NSNotification.Name("UIApplicationDidEnterBackgroundNotification")
  public static let willEnterForegroundNotification =
    NSNotification.Name("UIApplicationWillEnterForegroundNotification")
}
