package bounces

import (
	"regexp"
	"strings"
)

// What mail systems write, in lower case. Words in the subject count first:
// the text of a warning also says what happens when the system gives up.
var (
	failedSubjects = []string{
		"undeliver", "delivery failure", "delivery failed", "delivery has failed", "failure notice", "returned mail", "(failure)", "non-deliverable",
		"nondeliverable", "not be delivered", "not delivered", "user unknown", "unknown user", "returned to sender", "delivery error", "delivery problem",
		"mail error", "mail failure", "rejected", "delivery status notification (fail", "permanent fail", "error sending", "returned message",
		"unzustellbar", "nicht zustellbar", "nicht zugestellt", "zustellung fehlgeschlagen", "fehlgeschlagen", "zustellfehler", "fehler bei der zustellung", "nachricht unzustellbar",
		"non remis", "non distribu", "échec de", "echec de", "non délivr", "impossible de remettre", "retour à l'expéditeur",
		"no se puede entregar", "no entregad", "error de entrega", "no se ha podido entregar", "no se pudo entregar", "imposible entregar", "devuelto",
		"non recapitabil", "mancato recapito", "impossibile recapitare", "impossibile consegnare", "mancata consegna", "non consegnat",
		"onbestelbaar", "niet te bestellen", "niet bezorgd", "niet worden bezorgd", "niet afgeleverd",
		"não entregue", "não é possível entregar", "não foi possível entregar", "falha na entrega", "falha de entrega", "não pôde ser entregue",
		"niedostarcz", "nie można dostarczyć", "niedoręcz", "nie dostarczono", "nedoručiteln", "nedoručen", "nelze doručit", "nedoručiteľn",
		"kézbesíthetetlen", "nem kézbesíthető", "nem sikerült kézbesíteni", "kan ikke leveres", "kunne ikke leveres", "uleverbar", "ikke levert", "ikke leveret",
		"kan inte levereras", "kunde inte levereras", "gick inte att leverera", "olevererbar", "toimittaminen epäonnistui", "ei voitu toimittaa", "nedorit", "imposibil de livrat", "nelivrabil",
		"не удалось доставить", "не доставлено", "недоставлен", "не может быть доставлен", "не було доставлено", "teslim edilemedi", "iletilemedi", "gönderilemedi", "δεν είναι δυνατή η παράδοση",
		"配信不能", "配信できません", "未配信", "送信できません", "届けられません", "配送できません", "送信エラー", "无法送达", "无法传递", "未送达", "退信", "投递失败", "無法傳遞", "無法遞送", "郵件退回",
		"전달할 수 없", "배달 못함", "배달되지 않", "전송 실패", "전송실패", "반송",
	}
	delayedSubjects = []string{
		"(delay)", "delayed", "could not send message for past", "delivery delay", "not yet been delivered", "still being retried", "delivery warning", "transient fail",
		"verzögert", "verzögerung", "noch nicht zugestellt", "retardé", "différé", "retard de", "retrasad", "retraso", "demorad", "in ritardo", "ritardat", "vertraagd", "vertraging",
		"atrasad", "adiad", "opóźni", "zpožděn", "odloženo", "késik", "késleltet", "forsinke", "försena", "fördröj", "viivästy", "întârzi",
		"задерж", "отложен", "затрим", "gecik", "遅延", "延迟", "延遲", "지연",
	}
	deliveredSubjects = []string{
		"(success)", "(relay)", "successful mail delivery", "delivery receipt", "delivered:", "relayed:", "zugestellt:", "weitergeleitet:", "übermittelt:", "remis :", "relayé :",
		"entregado:", "consegnato:", "entregue:", "bezorgd:", "dostarczono:", "доставлено:", "配信済み",
	}
	delayedPhrases = []string{
		"warning message only", "warning only", "do not need to resend", "will be retried", "will keep trying", "not yet been delivered", "has been delayed", "was delayed",
		"delivery attempts will continue", "being retried", "still trying", "will continue to try", "will try again", "still undelivered", "transient non-fatal errors",
		"no action is required on your part", "will be attempted again", "temporarily unable to deliver",
		"noch nicht zugestellt", "weitere zustellversuche", "weiterhin versuch", "es wird weiter versucht", "verzögert sich", "wurde verzögert", "pas encore été remis", "a été retardé", "nouvelle tentative",
		"se seguirá intentando", "aún no se ha entregado", "se ha retrasado", "non è ancora stato", "verranno effettuati altri tentativi", "nog niet bezorgd", "blijft proberen",
		"ainda não foi entregue", "nie został jeszcze dostarczon", "будет продолж", "配信が遅れ", "再送を試み", "将继续尝试", "將繼續嘗試",
	}
	finalPhrases = []string{
		"this is a permanent error", "permanent fatal errors", "failed permanently", "permanent failure", "i've given up", "have given up", "gave up trying", "giving up on",
		"has been returned", "retry timeout exceeded", "retry time not reached for any host after a long failure period", "delivery time expired", "message has expired", "no further attempts", "could not be delivered and was returned",
		"endgültig", "dauerhafter fehler", "erreur permanente", "échec définitif", "error permanente", "errore permanente", "erro permanente", "permanente fout", "błąd trwały",
	}
	failedPhrases = append([]string{
		"could not be delivered", "couldn't be delivered", "can not be delivered", "cannot be delivered", "can't be delivered", "unable to deliver", "wasn't able to deliver", "was not able to deliver", "was not delivered",
		"did not reach the following", "permanent error", "permanent problem", "mailbox unavailable", "no such user", "mailbox full", "mailbox is full", "quota exceeded", "over quota",
		"following addresses had", "following address failed", "address(es) failed", "failed addresses follow", "was undeliverable", "recipient address rejected", "does not exist",
		"following recipients", "following list of recipients", "error has occurred", "there was an error delivering", "could not be sent", "fatal delivery errors", "failure reasons", "recipients were affected", "message was rejected", "has been rejected", "was not accepted", "host unknown", "invalid recipient", "user not found", "unrouteable address", "account is disabled", "account has been disabled",
		"konnte nicht zugestellt werden", "konnte nicht ausgeliefert werden", "nicht gefunden", "n'a pas pu être", "n'a pu être", "no pudo ser entregado", "non può essere", "non è stato possibile", "kon niet worden", "nie może zostać", "nie mógł zostać",
		"メールを送信できませんでした", "見つかりません", "存在しません",
	}, failedSubjects...)
)

// saysOf is what subject and text of a report say.
func saysOf(subject, text string) Kind {
	subject, text = folded(subject), folded(text)
	switch {
	case first(subject, delayedSubjects) < first(subject, failedSubjects):
		return Delayed
	case hasAny(subject, failedSubjects):
		return Failed
	case hasAny(subject, deliveredSubjects) && !hasAny(text, failedPhrases):
		return Delivered
	case hasAny(text, finalPhrases):
		return Failed
	case hasAny(text, delayedPhrases):
		return Delayed
	case hasAny(text, failedPhrases):
		return Failed
	}
	return NotABounce
}

// maxWords is how much of a text is searched for words.
const maxWords = 64 << 10

// folded is a text in lower case with single spaces.
func folded(text string) string {
	if len(text) > maxWords {
		text = strings.ToValidUTF8(text[:maxWords], "")
	}
	return strings.ReplaceAll(strings.Join(strings.Fields(strings.ToLower(text)), " "), "’", "'")
}

func hasAny(text string, phrases []string) bool {
	for _, phrase := range phrases {
		if strings.Contains(text, phrase) {
			return true
		}
	}
	return false
}

// first is where the first of some phrases begins in a text: the subject of the
// mail itself may follow what the system says. Without one it is the end.
func first(text string, phrases []string) int {
	at := len(text)
	for _, phrase := range phrases {
		if i := strings.Index(text, phrase); i >= 0 {
			at = min(at, i)
		}
	}
	return at
}

var (
	automaticSubject = regexp.MustCompile(`(?i)^\s*(?:(?:re|aw)\s*:\s*)?(?:auto(?:matic|mated|matische|matisk|matyczna|matická|mata)?[- :]*(?:reply|response|respond|antwort|svar|vastaus|odpowiedź|odpověď|generated|mated reply)|out[- ]of[- ](?:the[- ])?office|abwesen|nicht im (?:büro|haus)|réponse automatique|absence|absent|respuesta automática|fuera de la oficina|ausencia|risposta automatica|fuori (?:sede|ufficio)|resposta automática|automatisch antwoord|afwezig|autosvar|fraværende|frånvaro|automaattinen|automatikus válasz|автоответ|автоматическ|自動応答|自動返信|不在|自动(?:答复|回复)|自動回覆|자동 (?:회신|응답)|부재|vacation|away from|on (?:vacation|holiday|leave)|urlaub|vielen dank für ihre|thank you for (?:your|contacting))`)
	automaticFields  = []string{"X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Autogenerated-Reply", "X-Mail-Autoreply", "Vacation"}
)

// isAutomaticReply reports whether a person's mailbox answered.
func isAutomaticReply(h header, subject string) bool {
	for _, name := range automaticFields {
		if h.has(name) {
			return true
		}
	}
	precedence, submitted := strings.ToLower(h.get("Precedence")), strings.ToLower(h.get("Auto-Submitted"))
	return automaticSubject.MatchString(subject) ||
		strings.HasPrefix(precedence, "auto_reply") || strings.HasPrefix(precedence, "auto-reply") ||
		strings.HasPrefix(submitted, "auto-replied") && strings.Contains(submitted, "vacation") ||
		h.has("X-Auto-Response-Suppress") && !h.has("X-Failed-Recipients") && saysOf(subject, "") == NotABounce
}
