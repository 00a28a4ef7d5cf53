using Xunit;

namespace Ringfence.SystemTests.Asterisk;

/// <summary>What an office does all day, whatever else goes on: phones register and call, over each kind of network, and the provider brings a call.</summary>
internal static class OfficeHours
{
    public static async Task AssertUndisturbedAsync(AsteriskLab lab, CancellationToken stop)
    {
        var calls = await Task.WhenAll(
            AttackTools.CallAsync(lab, "1001", AsteriskLab.Phone(11), "u1", stop),
            AttackTools.CallAsync(lab, "1002", AsteriskLab.Phone(12), "t1", stop),
            AttackTools.CallAsync(lab, "1003", AsteriskLab.Phone6(13), "u1", stop),
            AttackTools.TrunkCallAsync(lab, stop));

        Assert.All(calls, call => Assert.True(call.ExitCode == 0, call.Said));
    }
}
