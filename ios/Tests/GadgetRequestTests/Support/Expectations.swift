import GadgetRequest
import Testing

/// Makes a call that must fail with this error, and returns the error.
@discardableResult
func failure(
  _ errno: Errno, _ detail: String, of options: RequestOptions, by client: GadgetClient? = nil,
  at location: SourceLocation = #_sourceLocation
) async throws -> GadgetError? {
  do {
    let response = try await (client ?? TestServer.client()).request(options)
    Issue.record("a response came: \(response.status)", sourceLocation: location)
    return nil
  } catch let error as GadgetError {
    expect(error, is: errno, detail, at: location)
    return error
  }
}

/// Expects that an error is this one, and that the closed list has it.
func expect(
  _ error: GadgetError, is errno: Errno, _ detail: String,
  at location: SourceLocation = #_sourceLocation
) {
  #expect(error.errno == errno, sourceLocation: location)
  #expect(error.detail == detail, sourceLocation: location)
  #expect(error.errString == errno.errString, sourceLocation: location)
  #expect(error.description == "request:fail " + detail, sourceLocation: location)
  #expect(error.localizedDescription == error.description, sourceLocation: location)
  #expect(error.trace.count == 53, sourceLocation: location)
  let isListed = errno.details.contains { detail == $0 || detail.hasPrefix($0 + ": ") }
  #expect(isListed, "\(detail) is not in the table", sourceLocation: location)
}

extension Result {
  /// The error, if there is one.
  var error: Failure? {
    guard case .failure(let error) = self else { return nil }
    return error
  }
}
