using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Tests.Pbx;
using Xunit;

namespace Ringfence.Tests.Audit;

public sealed class DialledFunctionTests
{
    // Asterisk's own basic-pbx asks so whether a phone is busy.
    [Fact]
    public void A_condition_on_a_function_of_what_was_dialled_ends_no_audit()
    {
        var pbx = new PbxSnapshot(
            "/etc/asterisk",
            new MemoryFiles()
                .With("/etc/asterisk/pjsip.conf", "[1101]\ntype = endpoint\ncontext = phones\nauth = 1101\naors = 1101\n[1101]\ntype = aor\nmax_contacts = 1\n[trunk]\ntype = endpoint\naors = trunk\n[trunk]\ntype = aor\ncontact = sip:203.0.113.10\n")
                .With("/etc/asterisk/extensions.conf", """
                    [phones]
                    exten => _00X.,1,GotoIf($[${DEVICE_STATE(PJSIP/${EXTEN})} = BUSY]?busy,1)
                     same => n,Dial(PJSIP/${FILTER(0-9,${EXTEN})}@trunk)
                    exten => busy,1,Hangup()
                    """),
            AsteriskVersion.Assumed, new Dictionary<string, string>());

        var thrown = Record.Exception(() => AuditRules.All.Where(static rule => rule.Topic == AuditTopic.Dialplan).SelectMany(rule => rule.Check(pbx)).ToList());

        Assert.Null(thrown);
    }
}
