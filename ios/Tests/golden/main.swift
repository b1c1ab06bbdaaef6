// The Swift face of scripts/golden. bindings/c/tests/golden.c describes the protocol.

var face = try Face()
try face.run()
