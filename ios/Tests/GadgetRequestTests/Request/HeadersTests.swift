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
}
