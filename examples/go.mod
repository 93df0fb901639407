module github.com/cmsmessenger/cmsmessenger/examples

go 1.26

require github.com/cmsmessenger/cmsmessenger v0.0.0

replace github.com/cmsmessenger/cmsmessenger => ../
