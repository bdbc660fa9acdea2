package access

// Occupy takes every place in which a password could be computed.
func Occupy() (free func()) {
	for range cap(hashing) {
		hashing <- struct{}{}
	}
	return func() {
		for range cap(hashing) {
			<-hashing
		}
	}
}
