package creditnotestest

import (
	"testing"

	"creditrun/creditnotes"
)

// stories are told of every store.
var stories = []struct {
	name string
	tell func(t *testing.T, open Open)
}{
	{"CancellationIsTheNegatedCopy", cancellationIsTheNegatedCopy},
	{"CancelledSessionsAreCreditedAgain", cancelledSessionsAreCreditedAgain},
	{"CancellingWaitsForARunThatIsDrafting", cancellingWaitsForARunThatIsDrafting},
	{"NoteIsCancelledByOneOfTwo", noteIsCancelledByOneOfTwo},
	{"RunIsApprovedByOneOfTwo", runIsApprovedByOneOfTwo},
	{"TransactionsMayBeTriedAgain", transactionsMayBeTriedAgain},
	{"NegativeTotalIsCarriedToTheNextNote", negativeTotalIsCarriedToTheNextNote},
	{"CancelledNoteFreesTheSumItBroughtAlong", cancelledNoteFreesTheSumItBroughtAlong},
	{"DiscardedRunFreesTheSumItBroughtAlong", discardedRunFreesTheSumItBroughtAlong},
	{"CancelledNoteFreesTheSharesOfAMergedDebt", cancelledNoteFreesTheSharesOfAMergedDebt},
	{"SessionsOfSumsCarriedTwiceAreListed", sessionsOfSumsCarriedTwiceAreListed},
	{"CorrectionsOfSumsCarriedTwiceAreWithdrawnTogether", correctionsOfSumsCarriedTwiceAreWithdrawnTogether},
	{"CorrectedSessionIsTakenBackAndPaidAnew", correctedSessionIsTakenBackAndPaidAnew},
	{"CorrectionToAnotherOwnerStaysOneAfterACancellation", correctionToAnotherOwnerStaysOneAfterACancellation},
	{"CreditCDRTakesBackWhatWasPaid", creditCDRTakesBackWhatWasPaid},
	{"NoteWithALaterCorrectionIsNotCancelled", noteWithALaterCorrectionIsNotCancelled},
	{"CorrectionThatIsHeldTakesBackAndPaysWhenReleased", correctionThatIsHeldTakesBackAndPaysWhenReleased},
	{"RunOfAnEarlierMonthLeavesALaterCorrectionAlone", runOfAnEarlierMonthLeavesALaterCorrectionAlone},
	{"SessionThatMovedToALaterMonthWaitsForIt", sessionThatMovedToALaterMonthWaitsForIt},
	{"CorrectionNamesTheDocumentThatBroughtTheSumAlong", correctionNamesTheDocumentThatBroughtTheSumAlong},
	{"WhatIsChangedLaterChangesNoDocument", whatIsChangedLaterChangesNoDocument},
	{"DocumentsAreStoredOnce", documentsAreStoredOnce},
	{"HeldSessionIsReportedWithTheFirstReason", heldSessionIsReportedWithTheFirstReason},
	{"ReleasedSessionIsCreditedByTheNextRun", releasedSessionIsCreditedByTheNextRun},
	{"OverlapWithACreditedSessionStaysAnOverlap", overlapWithACreditedSessionStaysAnOverlap},
	{"SessionAtAnUnknownConnectorWaitsForTheNetwork", sessionAtAnUnknownConnectorWaitsForTheNetwork},
	{"SessionBeforeTheFirstOwnerWaits", sessionBeforeTheFirstOwnerWaits},
	{"SessionsThatAreNeverCreditedAreClosedForGood", sessionsThatAreNeverCreditedAreClosedForGood},
	{"RunBelongsToOneProcessAtATime", runBelongsToOneAtATime},
	{"ProcessesThatStartAtOnceMakeOneRun", processesThatStartAtOnceMakeOneRun},
	{"RunOfADeadProcessIsTakenOver", runOfTheDeadIsTakenOver},
	{"ProcessThatLostItsRunWritesNothingMore", whoLostItsRunWritesNothingMore},
	{"RunThatIsDiscardedWhileItIsDraftedKeepsNothing", runThatIsDiscardedWhileItIsDraftedKeepsNothing},
	{"DueMonthsAreRunOnce", dueMonthsAreRunOnce},
	{"RangeContinuesWhatWasBeforeAndStartsAgainEachYear", rangeContinuesWhatWasBeforeAndStartsAgainEachYear},
	{"RangeMayCountForEachRecipient", rangeMayCountForEachRecipient},
	{"NumbersHaveNoGapUnderConcurrency", numbersHaveNoGapUnderConcurrency},
	{"FailedIssueTakesNoNumber", failedIssueTakesNoNumber},
	{"CancellationSettlesTheObjection", cancellationSettlesTheObjection},
	{"ObjectionIsPossibleOnceAndOnlyToACreditNoteThatStands", objectionIsPossibleOnceAndOnlyToACreditNoteThatStands},
	{"WorkedExampleIsCreditedToTheCent", workedExampleIsCreditedToTheCent},
	{"RunningAMonthTwiceCreditsNothingTwice", runningAMonthTwiceCreditsNothingTwice},
	{"MonthsMayBeRunInAnyOrder", monthsMayBeRunInAnyOrder},
	{"LateSessionIsPricedAsOfItsOwnStart", lateSessionIsPricedAsOfItsOwnStart},
	{"SessionReceivedAfterTheCutOffIsLate", sessionReceivedAfterTheCutOffIsLate},
	{"CorrectionTakesBackTheTaxOfTheDayAndPaysTheOne", correctionTakesBackTheTaxOfTheDayAndPaysTheOne},
	{"SumCarriedForwardKeepsItsTax", sumCarriedForwardKeepsItsTax},
	{"ADraftThatReadsLittleComesToTheSameAsOneThatReadsAll", aDraftThatReadsLittleComesToTheSameAsOneThatReadsAll},
	{"ASessionReceivedAfterTheCutOffIsNotTakenForSettled", aSessionReceivedAfterTheCutOffIsNotTakenForSettled},
	{"ADiscardedDraftIsOpenForRunsThatOvertookIt", aDiscardedDraftIsOpenForRunsThatOvertookIt},
}

// Stories tells the main stories of month ends of a store.
func Stories(t *testing.T, open Open) {
	for _, story := range stories {
		t.Run(story.name, func(t *testing.T) { story.tell(t, open) })
	}
}

// tell tells a story.
func tell(t *testing.T, open Open, story func(t *testing.T, w *World), changes ...func(c *creditnotes.Configuration)) {
	t.Helper()
	t.Parallel()
	story(t, NewWorld(t, open, changes...))
}
