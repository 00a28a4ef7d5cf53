using System.Text;
using System.Text.RegularExpressions;
using Ringfence.Core.Audit;
using Ringfence.Core.Audit.Rules.Options;
using Ringfence.Core.Catalogue;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What the rules say of hundreds of objects with one option each, against what a real Asterisk 22 makes of them.</summary>
public sealed partial class OptionsAgainstAsteriskTests
{
    // Refused for what stands in other files, in modules or in the DNS: nobody knows it from pjsip.conf alone.
    private static readonly string[] Undecidable =
    [
        "geoloc_incoming_call_profile", "geoloc_outgoing_call_profile", "codec_prefs_incoming_offer", "codec_prefs_outgoing_offer", "codec_prefs_incoming_answer", "codec_prefs_outgoing_answer",
        "security_mechanisms", "password_digest", "md5_cred", "password", "outbound_proxy", "server_uri", "expiration",
    ];

    private static readonly OptionCatalogue Options = OptionCatalogue.Of(22);

    private sealed record Case(string Name, string Type, string Option, string Value)
    {
        public override string ToString() => $"{Name}: {Type} {Option}={Value}";
    }

    [Fact]
    public async Task What_Asterisk_refuses_of_pjsip_conf_is_what_the_rules_find()
    {
        var stop = TestContext.Current.CancellationToken;
        var directory = Directory.CreateTempSubdirectory("ringfence-options-");
        try
        {
            var cases = Cases().ToList();
            await WriteAsync(directory.FullName, cases, stop);
            await using var lab = new AsteriskLab(directory.FullName);
            await lab.InitializeAsync();
            lab.Require();

            var refused = Refused().Matches(await File.ReadAllTextAsync(lab.Log("messages"), Encoding.Latin1, stop)).Select(match => match.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
            var found = Found(directory.FullName);

            Assert.InRange(cases.Count, 700, 3_000);
            Assert.InRange(refused.Count, 300, cases.Count);
            Assert.Equal("", string.Join('\n', cases.Where(one => found.Contains(one.Name) && !refused.Contains(one.Name)).Select(one => $"{one} is found, and Asterisk takes it")));
            Assert.Equal("", string.Join('\n', cases.Where(one => refused.Contains(one.Name) && !found.Contains(one.Name) && !IsUndecidable(one)).Select(one => $"{one} is not found, and Asterisk refuses it")));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Where_an_option_is_not_given_Asterisk_has_the_default_of_the_catalogue()
    {
        var stop = TestContext.Current.CancellationToken;
        var directory = Directory.CreateTempSubdirectory("ringfence-options-");
        try
        {
            string[] types = ["endpoint", "aor", "auth", "identify", "registration"];
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "pjsip.conf"), "[global]\ntype=global\n[system]\ntype=system\n" + string.Concat(types.Select(type => $"[bare]\ntype={type}\n{string.Join('\n', Given(type))}\n")), stop);
            await WriteOthersAsync(directory.FullName, stop);
            await using var lab = new AsteriskLab(directory.FullName);
            await lab.InitializeAsync();
            lab.Require();

            List<string> wrong = [];
            var compared = 0;
            foreach (var type in types.Append("global").Append("system"))
            {
                var shown = Shown().Matches(await lab.CliAsync(type is "global" or "system" ? "pjsip show settings" : $"pjsip show {type} bare", stop));
                foreach (var (name, value) in shown.Select(match => (match.Groups["name"].Value, match.Groups["value"].Value.Trim())))
                {
                    if (Options.Find("pjsip.conf", type)!.Find(name) is { Default: { } expected } option && IsShownPlainly(option) && !Given(type).Any(line => line.StartsWith(name + "=", StringComparison.Ordinal)))
                    {
                        compared++;
                        if (!IsSame(option, expected, value))
                        {
                            wrong.Add($"{type} {name}: \"{expected}\" in the catalogue, \"{value}\" in Asterisk");
                        }
                    }
                }
            }

            Assert.Equal("", string.Join('\n', wrong));
            Assert.InRange(compared, 150, 400);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static string[] Given(string type) => type is "auth" or "identify" or "registration" ? Needed(type) : [];

    // Others are shown in another form than they are written in; digests as what [global] makes of an empty one.
    private static bool IsShownPlainly(OptionInfo option) => !option.Name.StartsWith("supported_algorithms", StringComparison.Ordinal) && option.Kind is OptionKind.Bool or OptionKind.UInt or OptionKind.Int or OptionKind.Text or OptionKind.OneOf or OptionKind.Exactly or OptionKind.Words;

    private static bool IsSame(OptionInfo option, string expected, string shown) => option.Kind == OptionKind.Bool
        ? AsteriskBool.IsTrue(expected) == AsteriskBool.IsTrue(shown)
        : string.Equals(expected, shown, StringComparison.OrdinalIgnoreCase);

    private static bool IsUndecidable(Case one) =>
        Undecidable.Contains(one.Option, StringComparer.Ordinal) || Options.Find("pjsip.conf", one.Type)!.Find(one.Option)?.Kind is OptionKind.File || (one.Option == "match" && !one.Value.Contains('/', StringComparison.Ordinal));

    private static HashSet<string> Found(string directory)
    {
        var pbx = new PbxSnapshot(directory, new ConfigDirectory(), new AsteriskVersion(22, 10, 1), new Dictionary<string, string>());
        return ((AuditRule[])[UnknownOption.Rule, MisplacedOption.Rule, RefusedValue.Rule, IncompleteObject.Rule])
            .SelectMany(rule => rule.Check(pbx)).Select(fault => fault.Subject.Split(' ')[^1]).ToHashSet(StringComparer.Ordinal);
    }

    private static IEnumerable<Case> Cases()
    {
        string[] types = ["endpoint", "aor", "auth", "identify", "registration", "domain_alias", "acl", "outbound-publish"];
        var known = from type in types
                    from option in Options.Find("pjsip.conf", type)!.Options
                    where option.Name != "type"
                    from value in Values(option)
                    select (type, option.Name, value);
        var misplaced = from type in types
                        from option in Options.Find("pjsip.conf", "endpoint")!.Options.Take(30).Concat(Options.Find("pjsip.conf", "auth")!.Options)
                        where Options.Find("pjsip.conf", type)!.Find(option.Name) is null
                        select (type, option.Name, "yes");
        var invented = from type in types from name in (string[])["allow_guest", "alwaysauthreject", "secret", "nat", "ype", "@note", "contexts"] select (type, name, "no");
        return known.Concat(misplaced).Concat(invented).Concat(Transports()).Select((one, at) => new Case($"x{at:0000}", one.type, one.Item2, one.Item3));
    }

    // Each that is taken is a socket: only what has few values, and without what one needs certificates for.
    private static IEnumerable<(string type, string, string)> Transports() =>
        from option in Options.Find("pjsip.conf", "transport")!.Options
        where option.Kind is OptionKind.OneOf or OptionKind.Exactly or OptionKind.Tos or OptionKind.Network
        from value in Values(option)
        where value is not ("tls" or "TLS" or "wss" or "WSS" or "flow" or "FLOW" or "sslv2" or "SSLV2")
        select ("transport", option.Name, value);

    private static IEnumerable<string> Values(OptionInfo option) => option.Kind switch
    {
        OptionKind.Bool => ["yes", "maybe", ""],
        OptionKind.UInt or OptionKind.Int => ["0", "90", "-1", "5x", "", "0x5a", "08", "010", "99999999999", "+95", "5.0", "1800", "70000", "86401"],
        OptionKind.Number => ["3.0", "-1", "x", "", "1e3", "3,0", "5s"],
        OptionKind.Codecs => ["ulaw", "ulaw, alaw", "foo", "!all,ulaw", "", "ulaw,", "ulaw:20", "ULAW", "g729a", "ulaw&alaw", "ulaw|alaw", "(ulaw)", "opus", "G.711", "none", "red", "h264", "speex32"],
        OptionKind.Acl or OptionKind.Network when !option.Name.EndsWith("acl", StringComparison.Ordinal) =>
        [
            "0.0.0.0/0", "10.0.0.0/8, 192.168.0.0/16", "10.0.0.0/8,192.168.0.0/16", "10.0.0.1/33", "10.0.0.0/255.0.0.0", "pbx.example.com", "10.1", "::/0", "2001:db8::/129", "2001:db8::/64", "!10.0.0.0/8", "",
            "10.0.0.256", "10.0.0.1:5060", "10.0.0.1/x", "10.0.0.1/", "all", "10.0.0.0/255.255.0", "10.0.0.0/8,", "fe80::1%lo", "localhost", "10.0.0.0/-1", "10.0.0.0/24x", "10.0.0.0 /8", "[2001:db8::1]", "dead", "1.2.3.4.5",
        ],
        OptionKind.Acl => ["a", "a,b", "a,a", "a, A"],
        OptionKind.Match => ["192.0.2.0/24", "sip.provider.example/24", "192.0.2.1, 192.0.2.0/255.255.255.0", "192.0.2.0/33", "192.0.2.1,provider/24", "!192.0.2.0/24", "192.0.2.0/24,"],
        OptionKind.Tos => ["cs3", "EF", "af41", "46", "0x18", "x", "", "lowdelay"],
        OptionKind.OneOf or OptionKind.Exactly => [.. option.Words, .. option.Words.Select(static word => word.ToUpperInvariant()), .. option.Words.Select(static word => word[..^1]), "x", "", "yes", "no", "rfc2833"],
        OptionKind.Words => [.. option.Words, .. option.Words.Select(static word => word.ToLowerInvariant()), string.Join(", ", option.Words), "username, ip", "x", "", option.Words[0] + ",x", option.Words[0] + "-"],
        OptionKind.Seconds => ["0", "60", "x", "", "-1"],
        OptionKind.Variable => ["A=1", "A", "", "A="],
        OptionKind.User => ["100", "a.b", "a@b", "a b", "", "+49", "a<b"],
        OptionKind.Presentation => ["allowed", "prohib", "x", "", "1", "Unavailable"],
        OptionKind.Uris => ["sip:100@192.0.2.1", "100@192.0.2.1", "x", "", "sip:a@192.0.2.1,sips:c@192.0.2.2"],
        _ => ["x", ""],
    };

    private static async Task WriteAsync(string directory, IReadOnlyList<Case> cases, CancellationToken stop)
    {
        var text = new StringBuilder("[t-udp]\ntype=transport\nprotocol=udp\nbind=0.0.0.0:5060\n");
        var port = 20_000;
        foreach (var one in cases)
        {
            text.Append($"[{one.Name}]\ntype={one.Type}\n");
            foreach (var line in Needed(one.Type).Where(line => !line.StartsWith(one.Option + "=", StringComparison.Ordinal)))
            {
                text.Append($"{line}\n");
            }

            text.Append(one.Type == "transport" ? $"bind=127.0.0.1:{port++}\n" : "");
            text.Append($"{one.Option}={one.Value}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(directory, "pjsip.conf"), text.ToString(), stop);
        await WriteOthersAsync(directory, stop);
    }

    private static async Task WriteOthersAsync(string directory, CancellationToken stop)
    {
        await File.WriteAllTextAsync(Path.Combine(directory, "logger.conf"), "[general]\n[logfiles]\nmessages => error,warning,notice\n", stop);
        await File.WriteAllTextAsync(Path.Combine(directory, "extensions.conf"), "[none]\n", stop);
        var modules = await File.ReadAllTextAsync(Repository.File("lab", "conf", "modules.conf"), stop);
        await File.WriteAllTextAsync(Path.Combine(directory, "modules.conf"), modules + "load = res_pjsip_outbound_registration.so\nload = res_pjsip_outbound_publish.so\n", stop);
    }

    // What Asterisk demands, so that the one option is all that can be wrong.
    private static string[] Needed(string type) => type switch
    {
        "endpoint" => ["context=none", "disallow=all", "allow=ulaw"],
        "auth" => ["username=u", "password=test-password"],
        "identify" => ["endpoint=base", "match=192.0.2.1"],
        "registration" => ["server_uri=sip:192.0.2.9", "client_uri=sip:u@192.0.2.9", "max_retries=0"],
        "outbound-publish" => ["server_uri=sip:192.0.2.9", "event=presence"],
        "domain_alias" => ["domain=example.com"],
        "transport" => ["protocol=udp"],
        _ => [],
    };

    [GeneratedRegex(@"^ (?<name>\w+) +: ?(?<value>.*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Shown();

    [GeneratedRegex(@"Could not create an object of type '[^']+' with id '(?<name>x\d{4})'", RegexOptions.CultureInvariant, 5000)]
    private static partial Regex Refused();
}
