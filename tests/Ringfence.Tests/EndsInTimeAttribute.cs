using System.Collections.Concurrent;
using System.Reflection;
using Xunit;
using Xunit.v3;

namespace Ringfence.Tests;

/// <summary>Ends every test of an assembly that waits for what does not come: after this time the test's own token is cancelled, which all waits take.</summary>
/// <remarks>The test then fails at the wait that did not end, whose place its stack trace names. Without this one lost wait held up the whole run.</remarks>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class EndsInTimeAttribute(int seconds) : BeforeAfterTestAttribute
{
    private readonly ConcurrentDictionary<string, Timer> _running = new(StringComparer.Ordinal);

    public int Seconds { get; } = seconds;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        var context = TestContext.Current;
        _running[test.UniqueID] = new Timer(
            _ =>
            {
                try
                {
                    context.TestOutputHelper?.WriteLine($"Ended after {Seconds} s: it still waited where its stack trace says.");
                    context.CancelCurrentTest();
                }
                catch (InvalidOperationException)
                {
                    // It has ended in this very moment; thrown on a timer's thread, this would end the whole run.
                }
            },
            null,
            TimeSpan.FromSeconds(Seconds),
            Timeout.InfiniteTimeSpan);
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        ArgumentNullException.ThrowIfNull(test);
        if (_running.TryRemove(test.UniqueID, out var timer))
        {
            timer.Dispose();
        }
    }
}
