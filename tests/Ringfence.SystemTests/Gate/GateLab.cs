using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Gate;
using Ringfence.Core.Knock;
using Ringfence.Core.Numbers;
using Ringfence.Gate;
using Ringfence.SystemTests.Asterisk;

namespace Ringfence.SystemTests.Gate;

/// <summary>A real Asterisk whose phones reach the trunk through the gate's dialplan, as it is printed.</summary>
public abstract class GateLab : PlanLab
{
    private static readonly string[] Modules =
    [
        "res_speech", "res_agi", "func_rand", "func_channel", "func_cdr", "app_playback", "app_senddtmf", "format_pcm", "format_wav", "res_pjsip_dtmf_info", "res_pjsip_diversion",
    ];

    internal static readonly DiallingRules Rules = new(NumberPlans.BuiltIn.Of("US")!, ["9"], "415") { InsideTrunks = ["branch"] };

    internal static readonly Tariff Prices = new(null, "US");

    internal static readonly IPEndPoint Address = new(IPAddress.Loopback, GateSettings.DefaultPort);

    private protected virtual GateSettings Settings { get; } = new() { Listen = Address, PinPrompt = "/lab/etc/pin" };

    private protected override async Task WriteAsync()
    {
        Write(Configuration, "");
        await File.AppendAllLinesAsync(Path.Combine(Configuration, "modules.conf"), Modules.Select(static module => $"load = {module}.so"), Stop);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "extensions.conf"), Dialplan(), Stop);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "logger.conf"), "[general]\ndateformat = %F %T.%3q\n[logfiles]\nfull => notice,warning,error,verbose(5)\nwarning => warning,error\nnotice => notice\n", Stop);
        var pjsip = Path.Combine(Configuration, "pjsip.conf");
        await File.WriteAllTextAsync(pjsip, (await File.ReadAllTextAsync(pjsip, Stop)).Replace("[phone](!)\ntype = endpoint\n", "[phone](!)\ntype = endpoint\ndtmf_mode = info\n", StringComparison.Ordinal), Stop);
    }

    // As docs/gate.md has it: whatever is dialled goes to the trunk, but through the gate.
    private string Dialplan() => $$"""
        [phones]
        exten => _.,1,Set(RINGFENCE_NUMBER=${EXTEN})
         same => n,Gosub(ringfence-gate,s,1(trunk-ip))
         same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk-ip)
         same => n,Hangup(${HANGUPCAUSE})
        exten => h,1,NoOp()
        exten => 4155550103,1,Set(TIMEOUT(absolute)=3)
         same => n,Set(RINGFENCE_NUMBER=${EXTEN})
         same => n,Gosub(ringfence-gate,s,1(trunk-ip))
         same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk-ip)
        exten => _77X.,1,Set(RINGFENCE_NUMBER=${EXTEN:2})
         same => n,Gosub(ringfence-gate,s,1(branch))
         same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk-ip)
        [trunks]
        exten => _X.,1,Set(RINGFENCE_NUMBER=${EXTEN})
         same => n,Gosub(ringfence-gate,s,1(trunk-ip))
         same => n,Dial(PJSIP/${FILTER(0-9*#+,${RINGFENCE_NUMBER})}@trunk-ip)

        {{GateDialplan.Text(Settings, Address.ToString(), Rules, NumberPlans.BuiltIn, freePbx: false)}}
        """;

    /// <summary>A gate in the PBX's namespace.</summary>
    private protected RunningGate Serve(EngineGate gate, GateSettings? settings = null) => new(Lab.Namespace("pbx"), settings ?? Settings, gate);

    private protected static EngineGate Engine() => new(CallPolicy.Default(WorkHours.Usual(TimeZoneInfo.Utc), "US"));

    /// <summary>Calls a number from a phone.</summary>
    private protected async Task<SipAnswer?> CallAsync(string account, string number, int phone = 11)
    {
        using var client = Lab.PhoneAt(AsteriskLab.Phone(phone), SipTransport.Udp);
        return await client.LogInAsync(new SipRequest("INVITE", account) { Target = number }, AsteriskLab.PasswordOf(account), Stop);
    }

    /// <summary>Serves until it is disposed.</summary>
    internal sealed class RunningGate : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly System.Net.Sockets.Socket _listener;
        private readonly Task _serving;

        public RunningGate(string ns, GateSettings settings, EngineGate gate)
        {
            PinFile = Path.Combine(Directory.CreateTempSubdirectory("rf-pins-").FullName, "pins");
            _listener = Netns.RunIn(ns, () => GateServer.Listen(settings.Listen!));
            Server = new GateServer(settings, gate, Rules, Prices, new Pins(PinFile), TimeProvider.System, NullLogger.Instance);
            _serving = Server.ServeAsync(_listener, _stop.Token);
        }

        public GateServer Server { get; }

        public string PinFile { get; }

        public void SetPin(string extension, string pin)
        {
            var book = Pins.Read(PinFile);
            book.Set(extension, pin, new byte[PagePassword.SaltBytes]);
            Pins.Write(PinFile, book);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Dispose();
            try
            {
                await _serving;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or System.Net.Sockets.SocketException)
            {
            }

            _stop.Dispose();
            Directory.Delete(Path.GetDirectoryName(PinFile)!, recursive: true);
        }
    }
}
