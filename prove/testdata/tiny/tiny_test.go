package tiny

import "testing"

func TestTwice(t *testing.T) {
	if Twice(3) != 6 {
		t.Error("not twice")
	}
}

func TestBlind(t *testing.T) {
	_ = Twice(3)
}

func TestBroken(t *testing.T) {
	t.Error("always")
}
