using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

/// <summary>Findings say what they are about.</summary>
public sealed class ShownFindingTests
{
    [Fact]
    public void A_mailbox_that_calls_out_is_told_once_with_its_context()
    {
        var finding = Assert.Single(Findings("RF1562", ";;; voicemail.conf\n[office]\n101 => 730418,Reception,,,dialout=internal|callback=internal\n;;; extensions.conf\n[internal]\nexten => 101,1,Dial(PJSIP/101)\n"));

        Assert.Equal("whoever has its PIN calls from context internal (dialout, callback)", finding.Fault.Text);
    }

    [Theory]
    [InlineData("_+0.")]
    [InlineData("_[a-s0].")]
    [InlineData("_.")]
    public void What_to_dial_for_a_channel_of_ones_own_choice_names_one(string pattern)
    {
        var finding = Assert.Single(Findings("RF1305", $"[1001]\ntype=endpoint\nauth=1001\naors=1001\ncontext=phones\n[1001]\ntype=aor\nmax_contacts=1\n;;; extensions.conf\n[phones]\nexten => {pattern},1,Dial(PJSIP/${{EXTEN}})\n"));

        Assert.Contains("&Local/1001 calls a channel", finding.Fault.Text, StringComparison.Ordinal);
    }

    private static List<Finding> Findings(string rule, string files) =>
        [.. Auditor.Run(ExampleFiles.Of(files, "pjsip.conf", AsteriskVersion.Assumed).Pbx, [.. AuditRules.All.Where(one => one.Id == rule)], new HashSet<string>(), TestContext.Current.CancellationToken).Findings];
}
