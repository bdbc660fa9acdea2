package bank_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"creditrun/internal/bank"
)

func report(content string) string {
	return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>P1</MsgId><CreDtTm>2026-10-05T20:15:00Z</CreDtTm></GrpHdr>
` + content + `</CstmrPmtStsRpt></Document>`
}

const (
	group    = `<OrgnlGrpInfAndSts><OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId><OrgnlNbOfTxs>2</OrgnlNbOfTxs><GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>`
	payments = `<TxInfAndSts><OrgnlEndToEndId>E1</OrgnlEndToEndId></TxInfAndSts><TxInfAndSts><OrgnlEndToEndId>E2</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>`
)

func information(count string) string {
	return `<OrgnlPmtInfAndSts><OrgnlPmtInfId>M1</OrgnlPmtInfId><OrgnlNbOfTxs>` + count + `</OrgnlNbOfTxs>` + payments + `</OrgnlPmtInfAndSts>`
}

func readReport(t *testing.T, content string) (statuses []*bank.Status, findings []string, err error) {
	t.Helper()
	f, err := bank.Open(strings.NewReader(content))
	if err != nil {
		return nil, nil, err
	}
	for item, err := range f.Items() {
		switch {
		case err != nil:
			return statuses, findings, err
		case item.Status != nil:
			statuses = append(statuses, item.Status)
		case item.Finding != nil:
			findings = append(findings, item.Finding.Error())
		}
	}
	return statuses, findings, nil
}

func TestAStatusCountsForAllBelow(t *testing.T) {
	statuses, findings, err := readReport(t, report(group+information("2")))
	if err != nil || len(findings) > 0 {
		t.Fatal(findings, err)
	}
	var got []string
	keys := map[string]bool{}
	for _, s := range statuses {
		got = append(got, strings.Join([]string{string(s.Level), s.File.ID, s.Information.ID, s.EndToEndID, s.Stated, s.Code}, " "))
		keys[s.Key] = true
	}
	want := []string{"file M1   ACCP ACCP", "information M1 M1   ACCP", "transaction M1 M1 E1  ACCP", "transaction M1 M1 E2 RJCT RJCT"}
	if diff := cmp.Diff(want, got); diff != "" || len(keys) != len(want) {
		t.Error(diff, keys)
	}
}

func TestCountsOfAReportAreChecked(t *testing.T) {
	counts := `<NbOfTxsPerSts><DtldNbOfTxs>2</DtldNbOfTxs><DtldSts>ACCP</DtldSts><DtldCtrlSum>5</DtldCtrlSum></NbOfTxsPerSts><NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts><DtldCtrlSum>6</DtldCtrlSum></NbOfTxsPerSts>`
	summed := strings.Replace(group, "</OrgnlNbOfTxs>", "</OrgnlNbOfTxs><OrgnlCtrlSum>12.00</OrgnlCtrlSum>", 1)
	for name, c := range map[string]struct {
		content string
		want    []string
	}{
		"more payments than the file had": {group + information("3"), []string{"bank_sum_differs element=OrgnlGrpInfAndSts/OrgnlNbOfTxs found=3 line=2 stated=2"}},
		"more payments are listed":        {group + information("1"), []string{"bank_sum_differs element=OrgnlPmtInfAndSts/OrgnlNbOfTxs found=2 line=2 stated=1"}},
		"counts by status differ":         {strings.Replace(group, "<GrpSts>", counts+"<GrpSts>", 1), []string{"bank_sum_differs element=NbOfTxsPerSts/DtldNbOfTxs found=3 line=2 stated=2"}},
		"sums by status differ": {strings.NewReplacer("<GrpSts>", counts+"<GrpSts>", ">2</OrgnlNbOfTxs>", ">3</OrgnlNbOfTxs>").Replace(summed),
			[]string{"bank_sum_differs element=NbOfTxsPerSts/DtldCtrlSum found=11.00 line=2 stated=12.00"}},
	} {
		_, findings, err := readReport(t, report(c.content))
		if diff := cmp.Diff(c.want, findings); diff != "" || err != nil {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
}

func TestAReportNamesItsFile(t *testing.T) {
	for name, content := range map[string]string{
		"no file":     information("2"),
		"no id":       strings.Replace(group, "<OrgnlMsgId>M1</OrgnlMsgId>", "", 1),
		"not counted": strings.Replace(group, "<GrpSts>", "<NbOfTxsPerSts><DtldNbOfTxs>many</DtldNbOfTxs></NbOfTxsPerSts><GrpSts>", 1),
	} {
		if _, _, err := readReport(t, report(content)); len(keysOf(err)) != 1 || keysOf(err)[0] != "bank_file_value" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
