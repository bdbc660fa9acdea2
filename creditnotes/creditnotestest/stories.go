package creditnotestest

import (
	"testing"

	"creditrun/creditnotes"
)

// story is one story of a month end.
type story struct {
	name string
	tell func(t *testing.T, open Open)
}

// mainStories are told of every store: what people rely on each month, and
// what two processes at once could break.
var mainStories = []story{
	{"CancelledSessionsAreCreditedAgain", cancelledSessionsAreCreditedAgain},
	{"FilesAreMadeOnceWhenAskedFor", filesAreMadeOnceWhenAskedFor},
	{"CreditedAgainIsSaidBeforeAndAfterASumIsCarried", creditedAgainIsSaidBeforeAndAfterASumIsCarried},
	{"CancellingWaitsForARunThatIsDrafting", cancellingWaitsForARunThatIsDrafting},
	{"NoteIsCancelledByOneOfTwo", noteIsCancelledByOneOfTwo},
	{"RunIsApprovedByOneOfTwo", runIsApprovedByOneOfTwo},
	{"TransactionsMayBeTriedAgain", transactionsMayBeTriedAgain},
	{"NegativeTotalIsCarriedToTheNextNote", negativeTotalIsCarriedToTheNextNote},
	{"CorrectedSessionIsTakenBackAndPaidAnew", correctedSessionIsTakenBackAndPaidAnew},
	{"CorrectionThatIsHeldTakesBackAndPaysWhenReleased", correctionThatIsHeldTakesBackAndPaysWhenReleased},
	{"DocumentsAreStoredOnce", documentsAreStoredOnce},
	{"OverlapWithACreditedSessionStaysAnOverlap", overlapWithACreditedSessionStaysAnOverlap},
	{"RunBelongsToOneProcessAtATime", runBelongsToOneAtATime},
	{"ProcessesThatStartAtOnceMakeOneRun", processesThatStartAtOnceMakeOneRun},
	{"RunOfADeadProcessIsTakenOver", runOfTheDeadIsTakenOver},
	{"ProcessThatLostItsRunWritesNothingMore", whoLostItsRunWritesNothingMore},
	{"RunThatIsDiscardedWhileItIsDraftedKeepsNothing", runThatIsDiscardedWhileItIsDraftedKeepsNothing},
	{"DueMonthsAreRunOnce", dueMonthsAreRunOnce},
	{"NumbersHaveNoGapUnderConcurrency", numbersHaveNoGapUnderConcurrency},
	{"FailedIssueTakesNoNumber", failedIssueTakesNoNumber},
	{"CancellationSettlesTheObjection", cancellationSettlesTheObjection},
	{"WorkedExampleIsCreditedToTheCent", workedExampleIsCreditedToTheCent},
	{"PositionsSayTheirPrices", positionsSayTheirPrices},
	{"RunningAMonthTwiceCreditsNothingTwice", runningAMonthTwiceCreditsNothingTwice},
	{"MonthsMayBeRunInAnyOrder", monthsMayBeRunInAnyOrder},
	{"AShareIsSettledToTheCent", aShareIsSettledToTheCent},
	{"ACorrectionIsSettledByTheContractThatPaid", aCorrectionIsSettledByTheContractThatPaid},
	{"ADriverAmountThatSettlesNothingCorrectsNothing", aDriverAmountThatSettlesNothingCorrectsNothing},
	{"RecordsAreWhatLinesComeTo", recordsAreWhatLinesComeTo},
	{"RecordsShowTheDriverAmountOfToday", recordsShowTheDriverAmountOfToday},
	{"RecordsKeepWhatTheSalesSideCharges", recordsKeepWhatTheSalesSideCharges},
	{"OpenRecordsAreWhatARunWouldMake", openRecordsAreWhatARunWouldMake},
	{"OpenMonthFollowsWhatChanges", openMonthFollowsWhatChanges},
	{"OpenMonthSurvivesACrash", openMonthSurvivesACrash},
	{"TwoProcessesKeepTheOpenMonth", twoProcessesKeepTheOpenMonth},
	{"SumCarriedForwardKeepsItsTax", sumCarriedForwardKeepsItsTax},
	{"FeeInvoicesAreIssuedAndCancelled", feeInvoicesAreIssuedAndCancelled},
	{"ReportsAreMailed", reportsAreMailed},
	{"ATopUpMayBeKnownBeforeItsPeriod", aTopUpMayBeKnownBeforeItsPeriod},
	{"ReportsAreMailedAgain", reportsAreMailedAgain},
	{"ReportsAreMailedToWhomTheSettingSays", reportsAreMailedToWhomTheSettingSays},
	{"MonthlySumsFollowWhatStands", monthlySumsFollowWhatStands},
	{"OwnChargingIsBilledToTheIssuer", ownChargingIsBilledToTheIssuer},
	{"DiscardedRunBillsNothing", discardedRunBillsNothing},
	{"TwoRunsAtOnceBookNothingTwice", twoRunsAtOnceBookNothingTwice},
	{"BothSidesOfAnIssuerAreCompared", bothSidesOfAnIssuerAreCompared},
	{"CorrectionsAreOnBothSidesOfAnIssuer", correctionsAreOnBothSidesOfAnIssuer},
	{"AnAnalysisAddsUpWhatWasSettled", anAnalysisAddsUpWhatWasSettled},
	{"AnAnalysisFollowsCorrections", anAnalysisFollowsCorrections},
	{"AReviewNamesWhatIsOther", aReviewNamesWhatIsOther},
	{"AnOwnerIsLeftOutAndTheRestIsReleased", anOwnerIsLeftOutAndTheRestIsReleased},
	{"WhatAnOwnerOwesWaitsWhileItIsLeftOut", whatAnOwnerOwesWaitsWhileItIsLeftOut},
	{"ADraftIsNotChangedBehindALaterRun", aDraftIsNotChangedBehindALaterRun},
	{"DiscardedDraftsAreCompared", discardedDraftsAreCompared},
	{"RemarksOfARunStay", remarksOfARunStay},
	{"ADraftThatReadsLittleComesToTheSameAsOneThatReadsAll", aDraftThatReadsLittleComesToTheSameAsOneThatReadsAll},
}

// otherStories are about the rules. They come out alike on every store that
// keeps the contract.
var otherStories = []story{
	{"ANightWithoutSessionsChangesNoPrice", aNightWithoutSessionsChangesNoPrice},
	{"CancellationIsTheNegatedCopy", cancellationIsTheNegatedCopy},
	{"CancelledNoteFreesTheSumItBroughtAlong", cancelledNoteFreesTheSumItBroughtAlong},
	{"DiscardedRunFreesTheSumItBroughtAlong", discardedRunFreesTheSumItBroughtAlong},
	{"CancelledNoteFreesTheSharesOfAMergedDebt", cancelledNoteFreesTheSharesOfAMergedDebt},
	{"SessionsOfSumsCarriedTwiceAreListed", sessionsOfSumsCarriedTwiceAreListed},
	{"CorrectionsOfSumsCarriedTwiceAreWithdrawnTogether", correctionsOfSumsCarriedTwiceAreWithdrawnTogether},
	{"CorrectionToAnotherOwnerStaysOneAfterACancellation", correctionToAnotherOwnerStaysOneAfterACancellation},
	{"CreditCDRTakesBackWhatWasPaid", creditCDRTakesBackWhatWasPaid},
	{"NoteWithALaterCorrectionIsNotCancelled", noteWithALaterCorrectionIsNotCancelled},
	{"RunOfAnEarlierMonthLeavesALaterCorrectionAlone", runOfAnEarlierMonthLeavesALaterCorrectionAlone},
	{"SessionThatMovedToALaterMonthWaitsForIt", sessionThatMovedToALaterMonthWaitsForIt},
	{"CorrectionNamesTheDocumentThatBroughtTheSumAlong", correctionNamesTheDocumentThatBroughtTheSumAlong},
	{"WhatIsChangedLaterChangesNoDocument", whatIsChangedLaterChangesNoDocument},
	{"HeldSessionIsReportedWithTheFirstReason", heldSessionIsReportedWithTheFirstReason},
	{"ReleasedSessionIsCreditedByTheNextRun", releasedSessionIsCreditedByTheNextRun},
	{"SessionAtAnUnknownConnectorWaitsForTheNetwork", sessionAtAnUnknownConnectorWaitsForTheNetwork},
	{"SessionBeforeTheFirstOwnerWaits", sessionBeforeTheFirstOwnerWaits},
	{"SessionsThatAreNeverCreditedAreClosedForGood", sessionsThatAreNeverCreditedAreClosedForGood},
	{"RangeContinuesWhatWasBeforeAndStartsAgainEachYear", rangeContinuesWhatWasBeforeAndStartsAgainEachYear},
	{"RangeMayCountForEachRecipient", rangeMayCountForEachRecipient},
	{"ObjectionIsPossibleOnceAndOnlyToACreditNoteThatStands", objectionIsPossibleOnceAndOnlyToACreditNoteThatStands},
	{"LateSessionIsPricedAsOfItsOwnStart", lateSessionIsPricedAsOfItsOwnStart},
	{"SessionReceivedAfterTheCutOffIsLate", sessionReceivedAfterTheCutOffIsLate},
	{"CorrectionTakesBackTheTaxOfTheDayAndPaysTheOne", correctionTakesBackTheTaxOfTheDayAndPaysTheOne},
	{"ASessionReceivedAfterTheCutOffIsNotTakenForSettled", aSessionReceivedAfterTheCutOffIsNotTakenForSettled},
	{"FeeInvoicesAreNoCredits", feeInvoicesAreNoCredits},
	{"FeeInvoiceWithoutARangeTakesNoNumber", feeInvoiceWithoutARangeTakesNoNumber},
	{"FeesNeedARangeAndATaxAccount", feesNeedARangeAndATaxAccount},
	{"FeeInvoicesGoWithCreditNotes", feeInvoicesGoWithCreditNotes},
	{"NegativeFeesAreNotBroughtOntoACreditNote", negativeFeesAreNotBroughtOntoACreditNote},
	{"ADiscardedDraftIsOpenForRunsThatOvertookIt", aDiscardedDraftIsOpenForRunsThatOvertookIt},
}

// Stories tells all stories of month ends of a store.
func Stories(t *testing.T, open Open) {
	for _, s := range append(append([]story{}, mainStories...), otherStories...) {
		t.Run(s.name, func(t *testing.T) { s.tell(t, open) })
	}
}

// MainStories tells the main ones, for a store on which each takes long.
func MainStories(t *testing.T, open Open) {
	for _, s := range mainStories {
		t.Run(s.name, func(t *testing.T) { s.tell(t, open) })
	}
}

// tell tells a story.
func tell(t *testing.T, open Open, story func(t *testing.T, w *World), changes ...func(c *creditnotes.Configuration)) {
	t.Helper()
	t.Parallel()
	story(t, NewWorld(t, open, changes...))
}
