package main

// The tests that the vendor has for its client are run too: their modules belong to ours.
import _ "github.com/v3io/v3io-go/pkg/dataplane/test"
