using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.OldChannels;

/// <summary>IAX2 takes calls from forged addresses.</summary>
/// <remarks>Asterisk's advisory AST-2009-006; channels/chan_iax2.c of Asterisk 22: requirecalltoken, calltokenoptional.</remarks>
internal static class IaxWithoutCallToken
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1271",
        Name = "iax-without-call-token",
        Severity = Severity.Medium,
        Why = "Without a call token Asterisk keeps a call number for each packet that asks for one, whoever's address it bears: some thousand forged packets use all of them up and nobody can call.",
        Fix = "Remove the line: since 2009 every IAX2 program knows call tokens.",
        ExampleFile = "iax.conf",
        Bad = """
            [general]
            calltokenoptional = 0.0.0.0/0.0.0.0 ; here
            [office]
            type = user
            secret = Xk9-mP2vL8-qR5w-77aZ
            requirecalltoken = no ; here
            """,
        Good = """
            [general]
            calltokenoptional = 203.0.113.10/255.255.255.255
            [office]
            type = user
            secret = Xk9-mP2vL8-qR5w-77aZ
            requirecalltoken = auto
            """,
        Reference = new Uri("https://downloads.asterisk.org/pub/security/AST-2009-006.html"),
        Topic = AuditTopic.OldChannels,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        if (!OldPeers.ReadsIax(pbx))
        {
            return [];
        }

        var optional = from general in pbx.Config("iax.conf").Named("general")
                       from setting in general.All("calltokenoptional")
                       where AddressRules.Parse(setting.Value) is { PrefixLength: 0 }
                       select new Fault(setting.Place, "iax general", "nobody is asked for a call token") { Mend = new Mend("ask everybody", new RemoveLine(setting.Place.File, setting.Place.Line)) };
        var waived = from peer in OldPeers.Iax(pbx)
                     let setting = peer.Find("requirecalltoken")
                     where setting is not null && AsteriskBool.Parse(setting.Value) is false
                     select new Fault(setting.Place, $"iax account {Shown.Text(peer.Name)}", "it is not asked for a call token") { Mend = new Mend("ask it", OptionEdit.Set(peer, "requirecalltoken", "yes")) };
        return optional.Concat(waived);
    }
}
