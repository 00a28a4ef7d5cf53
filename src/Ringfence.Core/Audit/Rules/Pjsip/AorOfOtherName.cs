using System.Text;
using Ringfence.Core.Pbx;
using Ringfence.Core.Rules;

namespace Ringfence.Core.Audit.Rules.Pjsip;

/// <summary>A phone whose AOR is not called as the phone is.</summary>
/// <remarks>res/res_pjsip_registrar.c, find_registrar_aor: the user of To is looked for among the endpoint's aors.</remarks>
internal static class AorOfOtherName
{
    public static readonly AuditRule Rule = new()
    {
        Id = "RF1014",
        Name = "aor-of-other-name",
        Severity = Severity.Low,
        // Measured on 22.10.1: [1001] with aors=1001-aor: REGISTER with the right password, From and To 1001: 404. With To 1001-aor: 200. aors=1001 with a section [1001-aor]: 404 too.
        Why = "A phone registers the name that it logs in as, and Asterisk looks for that name among the endpoint's AORs: it answers 404 to the right password.",
        Fix = "Call the AOR as the endpoint is called.",
        Bad = """
            [1001]
            type = endpoint
            auth = 1001
            aors = 1001-aor ; here
            [1001-aor]
            type = aor
            max_contacts = 1
            [1002]
            type = endpoint
            auth = 1002
            aors = 1002 ; here
            [1002-aor]
            type = aor
            max_contacts = 1
            """,
        Good = """
            [1001]
            type = endpoint
            auth = 1001
            aors = 1001
            [1001]
            type = aor
            max_contacts = 1
            [trunk]
            type = endpoint
            auth = trunk
            aors = provider
            [provider]
            type = aor
            contact = sip:203.0.113.10
            """,
        Reference = new Uri("https://docs.asterisk.org/Configuration/Channel-Drivers/SIP/Configuring-res_pjsip/PJSIP-Configuration-Sections-and-Relationships/"),
        Topic = AuditTopic.Pjsip,
        Check = Check,
    };

    private static IEnumerable<Fault> Check(PbxSnapshot pbx)
    {
        var used = pbx.Pjsip.Endpoints.SelectMany(static endpoint => endpoint.List("aors")).CountBy(static named => named.Text).ToDictionary(StringComparer.Ordinal);
        foreach (var endpoint in pbx.Pjsip.Endpoints.Where(static endpoint => PjsipPeers.HasAuth(endpoint) && !PjsipPeers.IdentifiedBy(endpoint).Contains("auth_username")))
        {
            if (endpoint.Find("aors") is not { } aors || endpoint.List("aors").ToList() is not [var only])
            {
                continue;
            }

            if (only.Text != endpoint.Name && !only.Text.StartsWith(endpoint.Name + "@", StringComparison.Ordinal) && pbx.Pjsip.Find("aor", only.Text) is { } other && PjsipPeers.MaxContacts(other) > 0)
            {
                yield return new Fault(aors.Place, $"endpoint {Shown.Text(endpoint.Name)}", $"a phone that registers as {Shown.Text(endpoint.Name)} is told 404: its AOR is called {Shown.Text(other.Name)}")
                {
                    Mend = !aors.IsInherited && used[other.Name] == 1 && pbx.Pjsip.Find("aor", endpoint.Name) is null && Renamed(pbx, other, endpoint.Name) is { } header
                        ? new Mend($"call the AOR {Shown.Text(endpoint.Name)}", header, ObjectEdit.Set(endpoint, "aors", endpoint.Name)) : null,
                };
            }
            else if (only.Text == endpoint.Name && Meant(pbx, endpoint) is { } meant && !used.ContainsKey(meant.Name))
            {
                yield return new Fault(aors.Place, $"endpoint {Shown.Text(endpoint.Name)}", $"a phone that registers as {Shown.Text(endpoint.Name)} is told 404: the AOR that was meant is called {Shown.Text(meant.Name)}")
                {
                    Mend = Renamed(pbx, meant, endpoint.Name) is { } header ? new Mend($"call the AOR {Shown.Text(endpoint.Name)}", header) : null,
                };
            }
        }
    }

    /// <returns>The AOR that was meant where aors names one that is not there: told of here, and not as a reference that is missing.</returns>
    public static PjsipObject? Meant(PbxSnapshot pbx, PjsipObject endpoint) =>
        PjsipPeers.HasAuth(endpoint) && !PjsipPeers.IdentifiedBy(endpoint).Contains("auth_username") && endpoint.List("aors").ToList() is [var only] && only.Text == endpoint.Name
        && pbx.Pjsip.Find("aor", endpoint.Name) is null ? pbx.Pjsip.Find("aor", endpoint.Name + "-aor") : null;

    // The line as it stands, parentheses and comment too, with another name in its brackets.
    private static ReplaceLine? Renamed(PbxSnapshot pbx, PjsipObject aor, string name)
    {
        var file = pbx.Config("pjsip.conf").Files.FirstOrDefault(file => file.Name == aor.Place.File);
        if (file?.LineAt(aor.Place.Line) is not SectionLine header || header.Name != aor.Name)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(file.Raw(header.Number)).TrimEnd('\r', '\n');
        return new ReplaceLine(file.Name, header.Number, text.Replace($"[{aor.Name}]", $"[{name}]", StringComparison.Ordinal));
    }
}
