using System.Text;
using Ringfence.Core.Audit;
using Ringfence.Core.Pbx;
using Ringfence.Sources;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Audit;

/// <summary>Whom parkedcalltransfers gives the transfer keys, in a real Asterisk, and that the mend takes them from the caller who was parked.</summary>
public sealed class ParkingMendTests
{
    private const string Pjsip = """
        [t-udp]
        type = transport
        protocol = udp
        bind = 0.0.0.0:5060
        [phone](!)
        type = endpoint
        context = open
        dtmf_mode = info
        direct_media = no
        disallow = all
        allow = ulaw
        [stranger](phone)
        [colleague](phone)
        """;

    private static readonly string[] Modules = ["bridge_builtin_features", "bridge_holding", "res_parking", "res_pjsip_dtmf_info"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_parked_caller_transfers_the_one_who_picked_him_up_and_after_the_mend_he_does_not()
    {
        var directory = Directory.CreateTempSubdirectory("ringfence-parking-");
        try
        {
            await WriteAsync("pjsip.conf", Pjsip);
            await WriteAsync("logger.conf", "[general]\n[logfiles]\nmessages => error,warning,notice\n");
            await WriteAsync("extensions.conf", "[open]\ninclude => parkedcalls\nexten => 555,1,Answer()\n same => n,Wait(30)\n");
            await WriteAsync("res_parking.conf", "[general]\n[default]\nparkext = 700\nparkpos = 701-720\nparkedcalltransfers = both\n");
            // The laboratory has no sounds.
            await WriteAsync("features.conf", "[general]\ntransferannouncesound =\n[featuremap]\nblindxfer = #1\n");
            await WriteAsync("modules.conf", await File.ReadAllTextAsync(Repository.File("lab", "conf", "modules.conf"), Stop) + string.Concat(Modules.Select(static module => $"\nload = {module}.so")) + "\n");
            await using var lab = new AsteriskLab(directory.FullName);
            await lab.InitializeAsync();
            lab.Require();

            Assert.Contains("!555!", await ParkAndTransferAsync(lab, "701", "!555!"), StringComparison.Ordinal);

            var etc = Path.Combine(lab.Directory, "etc");
            var file = Path.Combine(etc, "res_parking.conf");
            var edits = AuditRules.All.Single(static rule => rule.Id == "RF1570").Check(AuditedPbx.OfCopy(etc, AsteriskVersion.Assumed)).SelectMany(static fault => fault.Mend!.Edits).ToList();
            await File.WriteAllBytesAsync(file, EditedFile.Apply(await File.ReadAllBytesAsync(file, Stop), edits), Stop);
            await lab.CliAsync("channel request hangup all", Stop);
            await lab.CliAsync("module reload res_parking.so", Stop);

            Assert.DoesNotContain("!555!", await ParkAndTransferAsync(lab, "701", "!555!"), StringComparison.Ordinal);
        }
        finally
        {
            directory.Delete(recursive: true);
        }

        Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Combine(directory.FullName, name), text, Stop);
    }

    // What the console shows of channels once the one that is waited for is there, or after some seconds.
    private static async Task<string> ParkAndTransferAsync(AsteriskLab lab, string space, string awaited)
    {
        using var stranger = lab.Attack(AsteriskLab.Attacker(7), SipTransport.Udp);
        using var colleague = lab.Attack(AsteriskLab.Attacker(8), SipTransport.Udp);
        var parked = await CallAsync(stranger, "stranger", "700");
        await UntilAsync(lab, "parking show default", $"Space               :  {space}");
        await CallAsync(colleague, "colleague", space);
        await UntilAsync(lab, "core show channels concise", $"!{space}!");
        await Task.Delay(TimeSpan.FromSeconds(1), Stop);
        foreach (var (key, at) in "#1555".Select(static (key, at) => (key, at)))
        {
            var info = (parked with { Method = "INFO", Sequence = at + 2, Branch = "z9hG4bK" + SipRequest.Fresh(), Body = $"Signal={key}\r\nDuration=160\r\n" }).ToBytes(stranger.Host, stranger.Local, SipTransport.Udp);
            var typed = Encoding.Latin1.GetString(info).Replace("Content-Length", "Content-Type: application/dtmf-relay\r\nContent-Length", StringComparison.Ordinal);
            await stranger.SendAsync(Encoding.Latin1.GetBytes(typed), Stop);
            // Asterisk plays each key for 160 ms, and behind those of the feature it makes ready to listen.
            await Task.Delay(TimeSpan.FromMilliseconds(key == '1' ? 1_500 : 350), Stop);
        }

        return await UntilAsync(lab, "core show channels concise", awaited);
    }

    private static async Task<SipRequest> CallAsync(SipClient phone, string user, string number)
    {
        var call = new SipRequest("INVITE", user) { Target = number, CallId = SipRequest.Fresh() };
        var answer = await phone.AskAsync(call, Stop);
        Assert.Equal(200, answer?.Status);
        var dialog = call with { ToTag = answer!.Parameter("To", "tag") };
        await phone.SendAsync(dialog with { Method = "ACK", Body = "" }, Stop);
        return dialog;
    }

    private static async Task<string> UntilAsync(AsteriskLab lab, string command, string expected)
    {
        var said = "";
        for (var tries = 0; tries < 30 && !said.Contains(expected, StringComparison.Ordinal); tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), Stop);
            said = await lab.CliAsync(command, Stop);
        }

        return said;
    }
}
