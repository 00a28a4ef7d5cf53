using System.Text.Json;
using Ringfence.SystemTests.Asterisk;
using Xunit;

namespace Ringfence.SystemTests.Gate;

/// <summary>A guard without a manager session: what a real Asterisk's cdr_csv writes is all that tells of calls, and the gate holds what it stops.</summary>
public sealed class RecordedCallsTests : GateLab
{
    private const string Thief = "1009";
    private const string Clerk = "1002";

    // Within a second of its end a call is in the file, and the file is read each second.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _calls;

    [Fact]
    public async Task A_stolen_passwords_calls_are_stopped_at_the_gate_when_their_records_are_written_over_a_rotation_and_nobody_elses()
    {
        var file = Lab.Log(Path.Combine("cdr-csv", "Master.csv"));
        using var provider = new Provider(Lab.Namespace("att"), AsteriskLab.TrunkByAddress);

        // What the gate does not see is how long calls last.
        await using var guard = await GuardProcess.StartAsync(
            Lab,
            [
                .. GuardProcess.NoCanary, "[calls]", "country = US", "outside = 9", "area = 415", "currency = EUR", $"cdr = {file}", "[gate]", $"listen = {Address}",
                "[limit short]", "rule = short-calls", "for = extension", "window = 1h", "critical = 2", "only = risky", "action = country",
            ],
            Stop,
            "notice");
        Assert.True(await Eventually.HoldsAsync(async () => await CallOnceAsync(Clerk, "4155550101") == 200, Patience, Stop), guard.Said);
        Assert.Equal(200, await CallOnceAsync(Clerk, "4155550102"));

        // What is rotated away before the guard saw the file once is not read.
        Assert.True(await Eventually.HoldsAsync(async () => (await LiveAsync(guard)).GetProperty("records")[0].GetProperty("problem").ValueKind == JsonValueKind.Null, Patience, Stop), guard.Said);
        Assert.Equal(200, await CallOnceAsync(Thief, "901123279000001"));
        File.Move(file, $"{file}.1");
        Assert.Equal(200, await CallOnceAsync(Thief, "901123279000002"));
        Assert.True(await Eventually.HoldsAsync(async () => (await LiveAsync(guard)).GetProperty("stops").GetArrayLength() > 0, Patience, Stop), guard.Said);
        Assert.Equal(403, await CallOnceAsync(Thief, "901123279000003"));
        var live = await LiveAsync(guard);
        var stop = Assert.Single(live.GetProperty("stops").EnumerateArray().ToList());
        Assert.Equal((Thief, "SL", "enforced"), (stop.GetProperty("extension").GetString(), stop.GetProperty("region").GetString(), stop.GetProperty("state").GetString()));
        Assert.Equal(200, await CallOnceAsync(Clerk, "901123279000004"));

        Assert.Equal("records", live.GetProperty("source").GetString());
        Assert.Contains("[ami] names no user: of calls only their records tell", live.GetProperty("note").GetString(), StringComparison.Ordinal);
        Assert.Contains("over, as the records say", guard.Said, StringComparison.Ordinal);
        Assert.Contains("the gate holds it, and nothing can be hung up without the manager interface", guard.Said, StringComparison.Ordinal);
        Assert.Contains($"records of {file}: read", (await guard.AskAsync(Stop, "status")).Output, StringComparison.Ordinal);
        Assert.Contains(Lab.Log(Path.Combine("cdr-csv", "Master.csv")), live.GetProperty("records")[0].GetProperty("place").GetString(), StringComparison.Ordinal);
    }

    // Talks for a while, and is over when it returns.
    private async Task<int?> CallOnceAsync(string account, string number)
    {
        using var phone = Lab.PhoneAt(AsteriskLab.Phone(11 + (_calls++ % 28)), SipTransport.Udp);
        var answer = await phone.LogInAsync(new SipRequest("INVITE", account) { Target = number }, AsteriskLab.PasswordOf(account), Stop);
        if (answer?.Status == 200)
        {
            await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, Stop);
            await Lab.CliAsync("channel request hangup all", Stop);
        }

        return answer?.Status;
    }

    private static async Task<JsonElement> LiveAsync(GuardProcess guard)
    {
        using var report = await guard.AskJsonAsync(Stop, "calls", "live");
        return report.RootElement.Clone();
    }
}
