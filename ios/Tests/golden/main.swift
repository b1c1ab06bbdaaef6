// The Swift face of scripts/golden; the protocol is that of bindings/c/tests/golden.c.

var face = try Face()
try face.run()
