using Ringfence.Core.Catalogue;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Options;

/// <summary>A value that is an error to Asterisk.</summary>
internal static class RefusedValue
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1102",
        Name = "refused-value",
        Severity = Severity.High,
        // Measured on 22.10.1: "Error parsing permit=10.0.0.0/8, 192.168.0.0/16 at line 2": nothing of acl.conf was there, and acl=office let everybody in.
        Why = "Asterisk can't read the value, and refuses the whole object for it, in acl.conf the whole file. A blank behind the comma of an access list is enough, and an access list that is not there keeps nobody out.",
        Fix = "Correct the value, reload, and look for \"Error parsing\" in the log.",
        Bad = """
            [1001]
            type = endpoint
            dtmf_mode = rfc2833 ; here
            allow = ulaw,G.711 ; here
            identify_by = user ; here
            [1001]
            type = aor
            max_contacts = one ; here
            [1001]
            type = auth
            auth_type = userpas ; here
            username = 1001
            password = Xk9-mP2vL8-qR5w
            supported_algorithms_uas = MD5,SHA256 ; here
            [provider]
            type = identify
            endpoint = provider
            match = sip.provider.example/24 ; here
            [global]
            type = global
            taskprocessor_overload_trigger = no ; here
            [t-udp]
            type = transport
            protocol = upd ; here
            [t-tls]
            type = transport
            protocol = tls
            method = tls1.2 ; here
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24, 198.51.100.0/24 ; here
            """,
        Good = """
            [1001]
            type = endpoint
            dtmf_mode = rfc4733
            identify_by = username,request_uri
            security_negotiation = no
            allow = ulaw, alaw
            set_var = NAME=
            acl =
            [1001]
            type = aor
            max_contacts = 1
            [1001]
            type = auth
            auth_type = digest
            username = 1001
            password = Xk9-mP2vL8-qR5w
            supported_algorithms_uas = MD5, SHA-256
            [provider]
            type = identify
            endpoint = provider
            match = sip.provider.example, 192.0.2.0/24
            [t-tls]
            type = transport
            protocol = tls
            method = sslv23
            ;;; acl.conf
            [office]
            deny = 0.0.0.0/0
            permit = 192.0.2.0/24,198.51.100.0/255.255.255.0
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Core-Configuration/Named-ACLs/"),
        Topic = AuditTopic.Options,
        NeedsOptions = true,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx) => SettingFaults.PerLine(
        from wrong in pbx.RemarkableSettings
        where wrong.Section.LosesMore && wrong.Fault?.Outcome == ValueOutcome.Refused
        select wrong,
        static wrong => new Fault(wrong.Setting.Place, wrong.Section.Name, $"{wrong.Option!.Name}{Value(wrong)}: {wrong.Fault!.Text}; {wrong.Section.WhatIsLost}")
        {
            IsSecret = SecretOptions.Contains(wrong.Setting.Name),
            Mend = Mended(wrong),
        });

    private static string Value(JudgedSetting wrong) =>
        SecretOptions.Contains(wrong.Setting.Name) ? "" : wrong.Setting.Value.Length == 0 ? " is empty" : $" is {Shown.Text(wrong.Setting.Value)}";

    // Blanks between networks are the only mistake that has but one cure. A line that was appended to holds only part of the value.
    private static Mend? Mended(JudgedSetting wrong)
    {
        var without = wrong.Setting.Value.Replace(" ", "", StringComparison.Ordinal);
        return !wrong.Section.IsFromWizard && wrong.Option!.Kind is OptionKind.Acl or OptionKind.Network && without != wrong.Setting.Value && without.Length > 0 && OptionValue.Judge(wrong.Option, without, OptionCatalogue.Any) is null
            ? new Mend("write the networks without blanks", new ReplaceLine(wrong.Setting.Place.File, wrong.Setting.Place.Line, $"{wrong.Setting.Name} = {without}"))
            : null;
    }
}
