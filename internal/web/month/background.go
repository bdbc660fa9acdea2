package month

import (
	"time"
)

// How long and how many outcomes are kept.
const (
	previewLasts = 10 * time.Minute // long enough to read one
	maxPreviews  = 4                // few enough for the memory that those of large networks take
)

// answerWithin is how long a page waits for what goes on in the background,
// before it says that it is not done yet.
const answerWithin = time.Second
