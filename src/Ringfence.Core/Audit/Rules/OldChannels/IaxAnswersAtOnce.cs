using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>IAX2 refuses wrong passwords without a pause.</summary>
/// <remarks>channels/chan_iax2.c of Asterisk 22: delayreject is no unless it is given.</remarks>
internal static class IaxAnswersAtOnce
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1273",
        Name = "iax-answers-at-once",
        Severity = Severity.Low,
        Why = "IAX2 refuses wrong passwords at once unless delayreject = yes stands in [general]: a guesser tries as many as the network carries, and learns whether each was right.",
        Fix = "Write delayreject = yes into [general].",
        ExampleFile = "iax.conf",
        Bad = """
            [general] ; here
            bindport = 4569
            [office]
            type = friend
            host = dynamic
            secret = Xk9-mP2vL8-qR5w-77aZ
            """,
        Good = """
            [general]
            bindport = 4569
            delayreject = yes
            [office]
            type = friend
            host = dynamic
            secret = Xk9-mP2vL8-qR5w-77aZ
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/Inter-Asterisk-eXchange-protocol-version-2-IAX2/"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        pbx.Config("iax.conf").Named("general").LastOrDefault() is { } general && OldPeers.Iax(pbx).Any(static peer => OldPeers.IsUser(peer) || OldPeers.IsDynamic(peer))
            && !AsteriskBool.IsTrue(OldPeers.General(pbx, "iax.conf", "delayreject")?.Value)
            ? [new Fault(OldPeers.General(pbx, "iax.conf", "delayreject")?.Place ?? general.Place, "iax general", "wrong passwords are refused without a pause") { Mend = new Mend("refuse them after a second", OptionEdit.Set(general, "delayreject", "yes")) }]
            : [];
}
