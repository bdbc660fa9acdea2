package api

// externalIDBody is the key that another system has for something.
type externalIDBody struct {
	ExternalID string `json:"external_id" maxLength:"100" example:"4500012345" doc:"unlike that of any other of its kind; empty: none any more"`
}

// noteExternalIDInput says which key another system has for a note.
type noteExternalIDInput struct {
	NoteInput
	Body externalIDBody
}

// setNoteExternalID keeps the key that another system has for a note.
func (c *call) setNoteExternalID(in *noteExternalIDInput) (*none, error) {
	return &none{}, c.Store.SetNoteExternalID(c.ctx, c.name(), in.Number, in.Body.ExternalID)
}

// payoutExternalIDInput says which key another system has for a payout.
type payoutExternalIDInput struct {
	PayoutInput
	Body externalIDBody
}

// setPayoutExternalID keeps the key that another system has for a payout.
func (c *call) setPayoutExternalID(in *payoutExternalIDInput) (*none, error) {
	return &none{}, c.Store.SetPayoutExternalID(c.ctx, c.name(), in.Number, in.Body.ExternalID)
}
