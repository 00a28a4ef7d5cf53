using Ringfence.SystemTests.Asterisk;
using Ringfence.SystemTests.Gate;
using Xunit;

namespace Ringfence.SystemTests.Brake;

/// <summary>An office that does with calls what offices do: sends them on, transfers, parks and joins them, has groups and queues. Phones that can, a provider that knows which calls are up.</summary>
public abstract class OfficeLab : BrakeLab
{
    /// <summary>A call there costs a unit a second: the limit of these tests is reached by one call.</summary>
    private protected const string Dear = "0023279000001";

    /// <summary>A call there costs next to nothing: no limit looks at it.</summary>
    private protected const string Cheap = "00498912345678";

    private static readonly string[] Modules =
    [
        "bridge_builtin_features", "bridge_holding", "bridge_softmix", "res_parking", "app_confbridge", "app_queue", "app_playback", "app_bridgeaddchan", "func_channel", "func_dialplan", "format_pcm", "res_pjsip_dtmf_info", "res_pjsip_diversion", "pbx_spool", "res_agi", "res_speech", "func_rand", "func_cdr",
    ];

    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private protected override string Dialplan => """
        [phones]
        include => parkedcalls
        exten => _9.,1,Dial(PJSIP/${EXTEN:1}@trunk-ip,60,tT)
         same => n,Hangup()
        exten => _10XX,1,Dial(PJSIP/${EXTEN},60,tT)
         same => n,Hangup()
        exten => 600,1,Answer()
         same => n,ConfBridge(1)
        exten => 610,1,Queue(local)
        exten => 611,1,Queue(direct)
        exten => 620,1,Dial(PJSIP/1002&PJSIP/00498900000620@trunk-ip,60)
        exten => 621,1,Dial(Local/1002@phones&Local/900498900000621@phones,60)
        exten => 622,1,Dial(Local/900498900000622@phones/n,60)
        exten => 623,1,Dial(Local/900498900000623@phones,60)
        [trunks]
        exten => _49301XXX,1,Goto(phones,${EXTEN:4},1)
        exten => _4930XXX,1,Goto(phones,${EXTEN:4},1)
        """;

    private protected IReadOnlyList<string> Braking => [.. Settings, "[limit spend-5m]", "warning = 1", "critical = 12"];

    private protected override async Task WriteAsync()
    {
        await base.WriteAsync();
        await File.AppendAllLinesAsync(Path.Combine(Configuration, "modules.conf"), Modules.Select(static module => $"load = {module}.so"), Stop);
        var pjsip = Path.Combine(Configuration, "pjsip.conf");
        await File.WriteAllTextAsync(pjsip, (await File.ReadAllTextAsync(pjsip, Stop)).Replace("[phone](!)\ntype = endpoint\n", "[phone](!)\ntype = endpoint\ndtmf_mode = info\n", StringComparison.Ordinal), Stop);

        // What Asterisk asks before a transfer is a file; there are no sounds here.
        await File.WriteAllTextAsync(
            Path.Combine(Configuration, "features.conf"),
            "[general]\ntransferdigittimeout = 2\nxfersound = /lab/log/silence\nxferfailsound = /lab/log/silence\ntransferannouncesound = /lab/log/silence\n[featuremap]\nblindxfer = #1\natxfer = *2\n",
            Stop);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "res_parking.conf"), "[general]\n[default]\nparkext = 700\nparkpos = 701-720\ncontext = parkedcalls\nparkingtime = 60\n", Stop);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "confbridge.conf"), "[general]\n[default_user]\ntype = user\nquiet = yes\n[default_bridge]\ntype = bridge\n", Stop);
        await File.WriteAllTextAsync(Path.Combine(Configuration, "queues.conf"), "[general]\n[local]\nmember = Local/900498900000610@phones/n\n[direct]\nmember = PJSIP/00498900000611@trunk-ip,0,Outside,PJSIP/1009\n", Stop);
    }

    /// <summary>A guard, a provider at the other end of the trunk, and what Asterisk tells.</summary>
    private protected async Task<Office> OpenAsync(IReadOnlyList<string>? settings = null)
    {
        // A tenth of a second of silence.
        await File.WriteAllBytesAsync(Path.Combine(Lab.Directory, "log", "silence.ulaw"), [.. Enumerable.Repeat((byte)0xff, 800)], Stop);
        var office = new Office(Lab, new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress), await Stream.OpenAsync(Lab, Stop), await GuardProcess.StartAsync(Lab, settings ?? Settings, Stop, "notice"));
        Assert.True(await Eventually.HoldsAsync(async () => (await LiveAsync(office.Guard)).GetProperty("problem").GetString() is null, Patience, Stop), office.Guard.Said);
        return office;
    }

    /// <summary>What the guard shows comes to this: whose each call is, to which number, and how it came out.</summary>
    private protected async Task ShowsAsync(Office office, params (string Extension, string Number, string Origin)[] expected)
    {
        List<(string, string, string)> shown = [];
        await Eventually.HoldsAsync(
            async () =>
            {
                shown = [.. Calls(await LiveAsync(office.Guard)).Select(static call => (call.GetProperty("extension").GetString()!, call.GetProperty("number").GetString()!, call.GetProperty("origin").GetString()!)).Order()];
                return shown.SequenceEqual(expected.Order());
            },
            Patience,
            Stop);
        Assert.True(shown.SequenceEqual(expected.Order()), $"{string.Join(' ', shown)}\n{office}");
    }

    /// <summary>So many channels are in bridges: a transfer before that is refused, or another one.</summary>
    private protected static async Task TalkAsync(Office office, int channels) =>
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(office.Stream.Heard.Split("Event: BridgeEnter\r\n").Length - office.Stream.Heard.Split("Event: BridgeLeave\r\n").Length == channels), Patience, Stop), $"{office}");

    /// <summary>Somebody is stopped, his call is down at the provider, and what goes on is this.</summary>
    private protected async Task StopsAsync(Office office, string extension, params string[] goesOn)
    {
        Assert.True(await Eventually.HoldsAsync(async () => Stops(await LiveAsync(office.Guard)).Exists(stop => stop.GetProperty("extension").GetString() == extension), Patience, Stop), $"{office}");
        Assert.True(await Eventually.HoldsAsync(() => Task.FromResult(office.Provider.Up.SequenceEqual(goesOn)), Patience, Stop), $"{string.Join(' ', office.Provider.Up)} go on\n{office}");
        Assert.All(Stops(await LiveAsync(office.Guard)), stop => Assert.Equal(extension, stop.GetProperty("extension").GetString()));
    }

    /// <summary>Asterisk has that many channels to the trunk.</summary>
    private protected async Task HasTrunkChannelsAsync(Office office, int count)
    {
        var channels = "";
        Assert.True(await Eventually.HoldsAsync(async () => (channels = await Lab.CliAsync("core show channels concise", Stop)).Split("PJSIP/trunk-ip-").Length - 1 == count, Patience, Stop), $"{channels}\n{office}");
    }

    private protected sealed record Office(AsteriskLab Lab, Provider Provider, Stream Stream, GuardProcess Guard) : IAsyncDisposable
    {
        private readonly List<Handset> _phones = [];

        public async Task<Handset> PhoneAsync(string account)
        {
            var phone = await Handset.OfAsync(Lab, account, 11 + _phones.Count);
            _phones.Add(phone);
            return phone;
        }

        public Handset Outside()
        {
            var phone = Handset.Outside(Lab);
            _phones.Add(phone);
            return phone;
        }

        public override string ToString() => $"{Guard.Said}\n{Stream.Heard}";

        public async ValueTask DisposeAsync()
        {
            foreach (var phone in _phones)
            {
                await phone.DisposeAsync();
            }

            await Lab.CliAsync("channel request hangup all", CancellationToken.None);
            await Guard.DisposeAsync();
            Stream.Dispose();
            Provider.Dispose();
        }
    }
}
