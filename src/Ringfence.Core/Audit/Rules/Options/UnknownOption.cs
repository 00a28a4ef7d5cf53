using Ringfence.Core.Catalogue;
using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>An option that this version of Asterisk does not have, in no object of the file.</summary>
internal static class UnknownOption
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1100",
        Name = "unknown-option",
        Severity = Severity.High,
        // Measured on 22.10.1: "Could not find option suitable for category 'global' named 'allow_guest'", then "Could not create an object of type 'global'".
        Why = "Asterisk does not know the option. In pjsip.conf that costs the whole object, in files such as acl.conf the whole file, and elsewhere the line does nothing: what looks configured is not there.",
        Fix = "Remove the line or correct its name, reload, and look for \"Could not create an object\" in the log. pjsip show endpoint, aor or auth shows what Asterisk has.",
        Bad = """
            [global]
            type = global
            allow_guest = no ; here
            [1001]
            type = endpoint
            contex = from-internal ; here
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0
            allow = 192.0.2.0/24 ; here
            ;;; manager.conf
            [general]
            enabled = yes
            allowguests = no ; here
            """,
        Good = """
            [global]
            type = global
            user_agent = pbx
            [1001]
            type = endpoint
            context = from-internal
            @note = for a program that asks for it
            [a-template](!)
            anything = at all
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24
            ;;; queues.conf
            [general]
            a-name-that-a-patch-added = yes
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Options,
        NeedsOptions = true,
        Check = Check,
    };

    // What guides and chan_sip's users write, and what was meant.
    private static readonly Dictionary<string, string> Meant = new(StringComparer.OrdinalIgnoreCase)
    {
        ["allow_guest"] = "PJSIP refuses guests unless an endpoint named anonymous exists",
        ["allowguest"] = "PJSIP refuses guests unless an endpoint named anonymous exists",
        ["alwaysauthreject"] = "PJSIP always answers alike, whether the account exists or not",
        ["always_auth_reject"] = "PJSIP always answers alike, whether the account exists or not",
        ["secret"] = "the password of an account is password in its auth",
        ["nat"] = "for phones behind NAT it is rtp_symmetric, force_rport and rewrite_contact in the endpoint",
        ["host"] = "an address is contact in the aor and match in an identify",
        ["insecure"] = "a peer without a password has no auth, and an identify with its addresses",
        ["qualify"] = "it is qualify_frequency in the aor",
        ["dtmfmode"] = "it is dtmf_mode",
        ["directmedia"] = "it is direct_media",
        ["canreinvite"] = "it is direct_media",
        ["username"] = "the name to log in with is username in the auth",
        ["fromuser"] = "it is from_user",
        ["fromdomain"] = "it is from_domain",
        ["accept_registrations"] = "an endpoint takes registrations by its aors",
        ["call-limit"] = "it is device_state_busy_at, or a limit in the dialplan with GROUP_COUNT",
        ["tlsbindaddr"] = "it is bind in a transport with protocol = tls",
    };

    // PJSIP does by itself what these ask for.
    private static readonly string[] NeedNothing = ["allow_guest", "allowguest", "alwaysauthreject", "always_auth_reject"];

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => SettingFaults.PerLine(
        from wrong in pbx.RemarkableSettings
        where wrong.Option is null && wrong.Section.Kind.IsComplete && !MisplacedOption.Owners(pbx.Options, wrong).Any()
        select wrong,
        static wrong => new Fault(wrong.Setting.Place, wrong.Section.Name, Text(wrong))
        {
            Severity = wrong.Section.LosesMore ? null : Severity.Low,
            // A password whose option is misspelled stands here: the name is told, and the line is not shown.
            IsSecret = !NeedNothing.Contains(wrong.Setting.Name, StringComparer.OrdinalIgnoreCase),
            // Whatever else is refused keeps callers out: taking the line away would let them in, perhaps without the limit that a misspelled line meant.
            Mend = !wrong.Section.LosesMore || NeedNothing.Contains(wrong.Setting.Name, StringComparer.OrdinalIgnoreCase)
                ? SettingFaults.Removed(wrong, $"remove {Shown.Text(wrong.Setting.Name)}") with { HoldsSecret = !NeedNothing.Contains(wrong.Setting.Name, StringComparer.OrdinalIgnoreCase) } : new Mend("correct the name, or remove the line"),
        });

    private static string Text(JudgedSetting wrong)
    {
        var kind = wrong.Section.Kind;
        var near = NearestName.Of(wrong.Setting.Name, kind.Options.Select(static option => option.Name));
        var meant = kind.File == PjsipSource.UsualFile && Meant.TryGetValue(wrong.Setting.Name, out var known) ? "; " + known : near is null ? "" : $"; did you mean {near}?";
        var where = kind.Kind == OptionObject.OfFile ? kind.File : $"{Article(kind.Kind)} {kind.Kind}";
        var other = OptionCatalogue.Any.Find(kind.File, kind.Kind)?.Find(wrong.Setting.Name) is null ? "" : " in this version";
        return $"{where} has no option {Shown.Text(wrong.Setting.Name)}{other}: {wrong.Section.WhatIsLost}{meant}";

        static string Article(string kind) => kind[0] is 'a' or 'e' or 'i' or 'o' ? "an" : "a";
    }
}
