import GadgetRequest

/// The client of one mini program.
func makeClient(appID: String) throws -> GadgetClient {
  try GadgetClient(configuration: ClientConfiguration(appID: appID, appVersion: "1.2.0"))
}
