using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Ringfence.Core.Configuration;
using Ringfence.Core.Fraud;
using Ringfence.Core.Gate;
using Ringfence.Core.Numbers;
using Ringfence.Gate;
using Xunit;

namespace Ringfence.Tests.Gate;

/// <summary>What the gate answers over a trunk between sites of one operator: asked as Asterisk asks it, while whoever decides denies everything.</summary>
public sealed class GateTrunkTests : IGate
{
    private readonly List<string> _asked = [];

    [Theory]
    [InlineData("201", "branch", "allow")]
    [InlineData("0023279000001", "branch", "allow")]
    [InlineData("201&PJSIP/0023279000001", "branch", "deny")]
    [InlineData("0023279000001", "branch2", "deny")]
    [InlineData("0023279000001", "", "deny")]
    [InlineData("0023279000001", "trunk-a", "deny")]
    public async Task What_goes_to_a_trunk_between_own_sites_leaves_unasked_and_over_any_other_nothing_does(string dialled, string trunk, string verdict)
    {
        Assert.Equal(verdict, await VerdictAsync(dialled, trunk));

        Assert.Equal(verdict == "deny" && !dialled.Contains('&', StringComparison.Ordinal) ? 1 : 0, _asked.Count);
    }

    GateAnswer IGate.Ask(string id, in CallAttempt attempt, bool hasPin)
    {
        _asked.Add(attempt.Trunk);
        return new GateAnswer(GateVerdict.Deny, null, "spend-5m", "spend: spend-5m");
    }

    void IGate.See(SiteEvent seen)
    {
    }

    void IGate.Drop(string id)
    {
    }

    private async Task<string> VerdictAsync(string dialled, string trunk)
    {
        var rules = new DiallingRules(NumberPlans.BuiltIn.Of("DE")!, ["0"]) { InsideTrunks = ["branch"] };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var listener = GateServer.Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var server = new GateServer(new GateSettings(), this, rules, new Tariff(null, "DE"), new Pins("/nonexistent"), TimeProvider.System, NullLogger.Instance);
        var serving = server.ServeAsync(listener, stop.Token);
        using var asterisk = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await asterisk.ConnectAsync(listener.LocalEndPoint!, stop.Token);
        await using var stream = new NetworkStream(asterisk);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        await stream.WriteAsync(Request(dialled, trunk), stop.Token);
        var verdict = "";
        while (await reader.ReadLineAsync(stop.Token) is { } command)
        {
            verdict = command.Contains("RINGFENCE_VERDICT", StringComparison.Ordinal) ? command : verdict;
            await stream.WriteAsync("200 result=1\n"u8.ToArray(), stop.Token);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving.EndAsync());
        return verdict.Contains("allow", StringComparison.Ordinal) ? "allow" : "deny";
    }

    private static byte[] Request(string dialled, string trunk)
    {
        const string nonce = "415623447";
        string[] arguments = [GateCall.Version, "1763857144.7", "PJSIP/201-00000007", dialled, "", trunk, "", "", "201", "", nonce];
        return Encoding.Latin1.GetBytes(
            $"agi_network: yes\nagi_network_script: gate/{nonce}\nagi_request: agi://127.0.0.1:4573/gate/{nonce}\nagi_channel: PJSIP/201-00000007\n"
            + string.Concat(arguments.Select(static (argument, at) => $"agi_arg_{at + 1}: {argument}\n")) + "\n");
    }
}
