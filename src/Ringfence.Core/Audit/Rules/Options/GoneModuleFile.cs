using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>The configuration of a module that this version of Asterisk does not have.</summary>
internal static class GoneModuleFile
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1117",
        Name = "gone-module-file",
        Severity = Severity.Low,
        Why = "This version of Asterisk has no module that reads the file, and says nothing about it. Access lists and passwords that were tightened there protect nothing, and what they hold may still be right elsewhere.",
        Fix = "Move what is still needed to the module that took its place (sip.conf: pjsip.conf), then remove the file, above all if passwords stand in it.",
        Bad = """
            ;;; sip.conf ; here
            [general]
            allowguest = no
            """,
        Good = """
            ;;; iax.conf
            [general]
            bindport = 4569
            """,
        Reference = new Uri("https://docs.asterisk.org/Development/Asterisk-Module-Deprecations/"),
        Topic = AuditTopic.Options,
        Check = Check,
    };

    // The version that no longer has the module: UPGRADE and module deprecations of Asterisk.
    private static readonly (string File, int Since, string Text)[] Gone =
    [
        ("sip.conf", 21, "chan_sip is gone; pjsip.conf took its place"),
        ("skinny.conf", 21, "chan_skinny is gone"),
        ("mgcp.conf", 21, "chan_mgcp is gone"),
        ("gtalk.conf", 12, "chan_gtalk is gone; motif.conf took its place"),
        ("jingle.conf", 12, "chan_jingle is gone; motif.conf took its place"),
        ("jabber.conf", 12, "res_jabber is gone; xmpp.conf took its place"),
        ("h323.conf", 12, "chan_h323 is gone; ooh323.conf took its place"),
        ("vpb.conf", 19, "chan_vpb is gone"),
        ("misdn.conf", 19, "chan_misdn is gone"),
        ("osp.conf", 21, "app_osplookup is gone"),
    ];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) =>
        from gone in Gone
        where pbx.Version.Major >= gone.Since && !pbx.IsVersionAssumed && pbx.Config(gone.File).Sections.Any(static section => section.Settings.Count > 0)
        select new Fault(new Place(gone.File, 0), gone.File, $"{gone.Text}: Asterisk {pbx.Version.Major} does not read {gone.File}");
}
