using System.Diagnostics;
using System.Text;
using Ringfence.Sources;
using Xunit;

namespace Ringfence.Tests.Sources;

public sealed class BoundedProcessTests
{
    [Fact]
    public async Task What_a_program_said_is_heard_also_by_a_guard_that_stood_still_for_longer_than_it_waits()
    {
        var time = new WokenTooLate();
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", "(sleep 0.3; echo last) & echo first"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

        var end = await BoundedProcess.RunAsync(process, default, 1_000, static one => one.Kill(), time, TestContext.Current.CancellationToken);

        Assert.True(time.HasWoken);
        Assert.True(end.IsWhole);
        Assert.Equal("first\nlast\n", Encoding.UTF8.GetString(end.Output));
    }

    /// <summary>Its first timer is due when it is set: all of its time passed while the process stood still.</summary>
    private sealed class WokenTooLate : TimeProvider
    {
        public bool HasWoken { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var isFirst = !HasWoken;
            HasWoken = true;
            return System.CreateTimer(callback, state, isFirst ? TimeSpan.Zero : dueTime, period);
        }
    }
}
