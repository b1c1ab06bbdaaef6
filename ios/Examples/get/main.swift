// The smallest call: `get URL`.

import GadgetRequest

let client = try GadgetClient(
  configuration: ClientConfiguration(appID: "cli_9dff7f6ae02ad104", appVersion: "1.2.0"))
let url = CommandLine.arguments.dropFirst().first ?? "http://open.feishu.cn"
let options = RequestOptions(url, headers: ["accept": "application/json"])
let response = try await client.request(options)
print(response.status, response.text ?? "")
