import GadgetRequest
import Testing

@Suite("Headers")
struct HeadersTests {
  @Test("Fields keep their order and repetitions, and are found without case")
  func order() {
    var headers: Headers = ["B": "1", "a": "2", "b": "3"]
    headers.append("C", "")
    #expect(headers.map(\.name) == ["B", "a", "b", "C"])
    #expect(headers["b"] == "1, 3")
    #expect(headers["c"] == "")
    #expect(headers["d"] == nil)
    #expect(headers.values(of: "A") == ["2"])
    #expect(headers.count == 4)
    #expect(headers[1] == Headers.Field(name: "a", value: "2"))
  }

  @Test("Only ASCII letters have a case")
  func ascii() {
    let headers: Headers = ["a[": "1", "É": "2"]
    #expect(headers["A["] == "1")
    #expect(headers["a{"] == nil)
    #expect(headers["é"] == nil)
  }

  @Test("A value that is set takes the place of the first field, and nil removes all")
  func set() {
    var headers: Headers = ["a": "1", "B": "2", "b": "3", "c": "4"]
    headers["b"] = "5"
    #expect(headers == ["a": "1", "b": "5", "c": "4"])
    headers["D"] = "6"
    headers["A"] = nil
    headers["absent"] = nil
    #expect(headers == ["b": "5", "c": "4", "D": "6"])
  }

  @Test("Common fields have functions, and a dictionary is sorted")
  func conveniences() {
    let headers: Headers = [
      .accept("text/plain"), .contentType("text/html"), .authorization(bearerToken: "t"),
      .authorization(username: "Aladdin", password: "open sesame"),
    ]
    #expect(
      headers == [
        "accept": "text/plain", "content-type": "text/html", "authorization": "Bearer t",
        "authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
      ])
    #expect(Headers(["b": "2", "a": "1"]).map(\.name) == ["a", "b"])
  }
}
