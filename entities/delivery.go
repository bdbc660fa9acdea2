package entities

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"creditrun/internal/fault"
)

// ElectronicAddress finds a party in a network for e-invoices: the code of a
// scheme (CEF EAS), a colon and an id of the scheme, as in 0208:0123456749. The
// zero value is none.
type ElectronicAddress string

// Split returns scheme and id, both empty where there is no address.
func (a ElectronicAddress) Split() (scheme, id string) {
	scheme, id, _ = strings.Cut(string(a), ":")
	return scheme, id
}

var electronicAddress = regexp.MustCompile(`^[0-9]{4}:[!-~]{1,125}$`)

// valid reports whether an address has the form of one, and the check digits of
// the schemes that Peppol checks: Belgian enterprise numbers and GLN.
func (a ElectronicAddress) valid() bool {
	if !electronicAddress.MatchString(string(a)) {
		return false
	}
	switch scheme, id := a.Split(); scheme {
	case "0208":
		return isBelgian(id)
	case "0088":
		return isGLN(id)
	}
	return true
}

// isBelgian checks a Belgian enterprise number: ten digits, of which the last two
// are 97 less the remainder of the others (PEPPOL-COMMON-R043).
func isBelgian(id string) bool {
	if len(id) != 10 || strings.Trim(id, "0123456789") != "" {
		return false
	}
	number, _ := strconv.Atoi(id[:8]) // digits only
	check, _ := strconv.Atoi(id[8:])
	return check == 97-number%97
}

// isGLN checks the last digit of a global location number (PEPPOL-COMMON-R040).
func isGLN(id string) bool {
	if len(id) < 2 || strings.Trim(id, "0123456789") != "" {
		return false
	}
	sum, weight := 0, 3
	for i := len(id) - 2; i >= 0; i-- {
		sum += int(id[i]-'0') * weight
		weight = 4 - weight
	}
	return (10-sum%10)%10 == int(id[len(id)-1]-'0')
}

// Channel is a way on which a recipient gets its documents.
type Channel string

// The channels. Mails carry the PDF, the XRechnung or both; an access point gets
// the files of Peppol and of the French platforms; every document is on the
// pages of the recipient, whatever the channels are.
const (
	ChannelPDF       Channel = "pdf"       // PDF with the e-invoice inside, and the sessions, by mail
	ChannelXRechnung Channel = "xrechnung" // XRechnung as an XML file, by mail
	ChannelPeppol    Channel = "peppol"    // Peppol BIS, through an access point
	ChannelFrance    Channel = "france"    // French profile, through an approved platform
	ChannelPortal    Channel = "portal"    // on the pages of the recipient; no mail by this channel
)

// Channels are all channels.
func Channels() []Channel {
	return []Channel{ChannelPDF, ChannelXRechnung, ChannelPeppol, ChannelFrance, ChannelPortal}
}

// ByNetwork reports whether documents go through an access point, to receivers
// that are known to take them.
func (c Channel) ByNetwork() bool { return c == ChannelPeppol || c == ChannelFrance }

// ByMail reports whether documents go by mail.
func (c Channel) ByMail() bool { return c == ChannelPDF || c == ChannelXRechnung }

// Capability says that a receiver was found able to take documents by a channel,
// from a day on, and until one where that is known. Both days are included.
type Capability struct {
	Channel Channel `json:"channel"`
	From    Date    `json:"from"`
	Until   Date    `json:"until,omitzero"`
}

// covers reports whether a receiver is known to take documents of a day.
func (c Capability) covers(channel Channel, day Date) bool {
	return c.Channel == channel && !c.From.IsZero() && !day.Before(c.From) && (c.Until.IsZero() || !c.Until.Before(day))
}

// CanReceive reports whether documents of a day can be sent to an entity by a
// channel. Networks need an electronic address and a capability.
func (e *Entity) CanReceive(channel Channel, day Date) bool {
	if !channel.ByNetwork() {
		return true
	}
	able := func(c Capability) bool { return c.covers(channel, day) }
	return e.ElectronicAddress != "" && slices.ContainsFunc(e.Capabilities, able)
}

// DeliveryOn returns the channels of documents of a day: those the entity wants
// and can receive. Where the network it wants cannot be used and no mail is
// wanted either, the PDF is mailed instead. It is nil where the entity wants
// nothing in particular: then the PDF is mailed.
func (e *Entity) DeliveryOn(day Date) []Channel {
	var list []Channel
	lost := false
	for _, c := range e.Delivery {
		if e.CanReceive(c, day) {
			list = append(list, c)
		} else {
			lost = true
		}
	}
	if lost && !slices.ContainsFunc(list, Channel.ByMail) && !slices.ContainsFunc(list, Channel.ByNetwork) {
		list = append(list, ChannelPDF)
	}
	return list
}

func (c *checker) delivery() {
	if a := c.entity.ElectronicAddress; a != "" && !a.valid() {
		c.add("electronic_address", "electronic_address_malformed", fault.Args{"address": string(a)})
	}
	for _, channel := range c.entity.Delivery {
		if !slices.Contains(Channels(), channel) {
			c.add("delivery", "delivery_channel_unknown", fault.Args{"value": string(channel)})
		}
	}
	for _, able := range c.entity.Capabilities {
		if !able.Channel.ByNetwork() {
			c.add("capabilities", "capability_unknown", fault.Args{"value": string(able.Channel)})
		}
	}
}
