using System.Net.Sockets;
using Ringfence.Core.Dialplan;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Core.Pbx;
using Ringfence.Gate;
using Ringfence.Sources;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Gate;

/// <summary>Nobody answers for the gate: the dialplan does what its policy says, within its time.</summary>
public sealed class GateAloneTests : GateLab
{
    // Home, and what is not or costs much.
    private static readonly (string Number, bool Leaves)[] Calls =
    [
        ("4155550101", true), ("12125550101", true), ("912125550101", true), ("+12125550101", true), ("8005550101", true), ("5550101", true),
        ("9005551234", false), ("19005551234", false), ("99005551234", false), ("18765551234", false), ("8765551234", false), ("+18765551234", false),
        ("01123279000001", false), ("901123279000001", false), ("0023279000001", false), ("+23279000001", false),
    ];

    [Fact]
    public void The_check_of_what_this_Asterisk_runs_finds_no_way_past_the_gate_and_nothing_to_mend()
    {
        var pbx = new PbxSnapshot(Configuration, new ConfigDirectory(), null, new Dictionary<string, string>());
        var ways = GateWays.Of(pbx, GateDialplan.EmergencyNumbers(Settings, Rules));

        Assert.Equal(["phones", "trunks"], ways.Entries.Select(static entry => entry.Context).Intersect(["phones", "trunks"]).Order(StringComparer.Ordinal));
        Assert.Empty(ways.Ways.Select(static way => $"{way.Exit.Place} {way.Kind}"));
        Assert.Empty(GateSetup.Problems(pbx, GateDialplan.Text(Settings, Address.ToString(), Rules, NumberPlans.BuiltIn, freePbx: false), "").Select(static problem => problem.Text));
    }

    [Fact]
    public async Task Where_nobody_listens_home_is_called_and_what_costs_much_is_not()
    {
        await HoldsAsync();
    }

    /// <summary>As one that was stopped (SIGSTOP): the kernel takes the connection, and nobody reads.</summary>
    [Fact]
    public async Task Where_nobody_answers_the_same_holds_within_the_timeout()
    {
        using var hanging = Netns.RunIn(Lab.Namespace("pbx"), () => GateServer.Listen(Address));

        await HoldsAsync();

        Assert.Contains("Spawn extension (ringfence-gate, s", await File.ReadAllTextAsync(Lab.Log("full"), Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nobody_answers_a_PBX_of_ones_own_is_called_by_its_trunks_name()
    {
        using var hanging = Netns.RunIn(Lab.Namespace("pbx"), () => GateServer.Listen(Address));
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);

        Assert.Equal([403, 200], [(await CallAsync("1001", "01123279000001", 11))?.Status, (await CallAsync("1001", "7701123279000002", 12))?.Status]);
        Assert.Equal(["01123279000002"], provider.Numbers);
    }

    /// <summary>As one that was killed while it thought (kill -9).</summary>
    [Fact]
    public async Task Where_the_connection_breaks_the_same_holds()
    {
        using var listener = Netns.RunIn(Lab.Namespace("pbx"), () => GateServer.Listen(Address));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var breaking = BreakAsync(listener, stop.Token);

        await HoldsAsync();

        await stop.CancelAsync();
        await breaking;
    }

    private static async Task BreakAsync(Socket listener, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                using var connection = await listener.AcceptAsync(stop);
                await connection.ReceiveAsync(new byte[512], SocketFlags.None, stop);
                connection.LingerState = new LingerOption(true, 0);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    // A channel's limit is the dialplan's only clock, and the gate's alone: it does not go on to the call.
    private async Task HoldsAsync()
    {
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);

        var answers = await Task.WhenAll(Calls.Select((call, at) => CallAsync("1001", call.Number, 11 + at)));

        Assert.Equal(Calls.Select(static call => $"{call.Number} {(call.Leaves ? 200 : 403)}"), Calls.Zip(answers, static (call, answer) => $"{call.Number} {answer?.Status}"));
        Assert.Equal(Calls.Where(static call => call.Leaves).Select(static call => call.Number).Order(StringComparer.Ordinal), provider.Numbers.Order(StringComparer.Ordinal));
        await Task.Delay(Settings.Timeout + TimeSpan.FromSeconds(1), TimeProvider.System, Stop);
        Assert.All(provider.Numbers, number => Assert.Null(provider.Lasted(number)));
    }
}
