using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Audit;

/// <summary>Endpoints that the rules call open answer strangers in a real Asterisk, and those of two matches that they say takes the call does.</summary>
public sealed class OpenEndpointTests
{
    // endpoint_identifier_order names one way, and the others are asked all the same.
    private const string Pjsip = """
        [global]
        type = global
        endpoint_identifier_order = ip
        [t-udp]
        type = transport
        protocol = udp
        bind = 0.0.0.0:5060
        [open](!)
        type = endpoint
        context = open
        disallow = all
        allow = ulaw
        [gateway](open)
        identify_by = auth_username
        [byname](open)
        [trunk](open)
        [trunk]
        type = identify
        endpoint = trunk
        match = 203.0.113.10
        [hotline](open)
        identify_by = ip
        [hotline]
        type = identify
        endpoint = hotline
        match_request_uri = /^sip:900/
        [zeta](open)
        identify_by = ip
        [zeta]
        type = identify
        endpoint = zeta
        match = 198.51.100.42
        [alpha](open)
        context = alpha
        identify_by = ip
        [alpha]
        type = identify
        endpoint = alpha
        match = 198.51.100.40/29
        """;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whom_a_rule_calls_open_strangers_call_as_and_after_the_mend_they_do_not()
    {
        var directory = Directory.CreateTempSubdirectory("ringfence-open-");
        try
        {
            await WriteAsync("pjsip.conf", Pjsip);
            await WriteAsync("logger.conf", "[general]\n[logfiles]\nmessages => error,warning,notice\n");
            await WriteAsync("extensions.conf", "[open]\nexten => _X.,1,Answer()\n same => n,Wait(2)\n[alpha]\nexten => _X.,1,Answer()\n same => n,Wait(2)\n");
            await WriteAsync("modules.conf", await File.ReadAllTextAsync(Repository.File("lab", "conf", "modules.conf"), Stop));
            await using var lab = new AsteriskLab(directory.FullName);
            await lab.InitializeAsync();
            lab.Require();

            Assert.Equal(["gateway", "byname", "trunk"], Found(lab, "RF1006"));
            Assert.Equal("gateway", await CallAsync(lab, 7, "x", "1234", authorization: "gateway"));
            Assert.Equal("byname", await CallAsync(lab, 7, "byname", "1234"));
            Assert.Equal("trunk", await CallAsync(lab, 7, "trunk", "1234"));
            Assert.Equal(["hotline"], Found(lab, "RF1008"));
            Assert.Equal("hotline", await CallAsync(lab, 7, "x", "9001"));
            Assert.Equal(["zeta"], Found(lab, "RF1029"));
            Assert.Equal("alpha", await CallAsync(lab, 42, "x", "1234"));

            var etc = Path.Combine(lab.Directory, "etc");
            var file = Path.Combine(etc, "pjsip.conf");
            var edits = Rule("RF1006").Check(AuditedPbx.OfCopy(etc, AsteriskVersion.Assumed)).SelectMany(static fault => fault.Mend?.Edits ?? []).ToList();
            await File.WriteAllBytesAsync(file, EditedFile.Apply(await File.ReadAllBytesAsync(file, Stop), edits), Stop);
            await lab.CliAsync("module reload res_pjsip.so", Stop);

            Assert.Equal(["gateway", "byname"], Found(lab, "RF1006"));
            Assert.Equal("401", await CallAsync(lab, 7, "trunk", "1234"));
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(directory.FullName, name), text, Stop);
    }

    private static AuditRule Rule(string id) => AuditRules.All.Single(rule => rule.Id == id);

    private static IEnumerable<string> Found(AsteriskLab lab, string rule) =>
        Rule(rule).Check(AuditedPbx.OfCopy(Path.Combine(lab.Directory, "etc"), AsteriskVersion.Assumed)).Select(static fault => fault.Subject["endpoint ".Length..]);

    // As whom the call was taken; the answer's number where it was not.
    private static async Task<string> CallAsync(AsteriskLab lab, int attacker, string from, string number, string? authorization = null)
    {
        using var caller = lab.Attack(AsteriskLab.Attacker(attacker), SipTransport.Udp);
        var invented = $"Digest username=\"{authorization}\",realm=\"asterisk\",nonce=\"1/a\",uri=\"sip:{number}@{AsteriskLab.World}\",response=\"00\",algorithm=MD5";
        var before = await ChannelsAsync(lab);
        var answer = await caller.AskAsync(new SipRequest("INVITE", from) { Target = number, Authorization = authorization is null ? null : invented }, Stop);
        return answer?.Status == 200 ? (await ChannelsAsync(lab)).Except(before).Single().Split('/', '-')[1] : $"{answer?.Status}";
    }

    private static async Task<IReadOnlyList<string>> ChannelsAsync(AsteriskLab lab) =>
        [.. (await lab.CliAsync("core show channels concise", Stop)).Split('\n').Select(static line => line.Split('!')[0]).Where(static name => name.StartsWith("PJSIP/", StringComparison.Ordinal))];
}
