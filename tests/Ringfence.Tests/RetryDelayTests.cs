using FsCheck;
using FsCheck.Fluent;
using Ringfence.Core;
using Xunit;

namespace Ringfence.Tests;

public sealed class RetryDelayTests
{
    [Fact]
    public void It_begins_with_the_first_doubles_and_stays_at_the_longest_however_often_it_failed()
    {
        Prop.ForAll(Gen.Zip(Gen.Choose(1, 1000), Gen.Zip(Gen.Choose(1, 100_000), Gen.Choose(1, int.MaxValue - 1))).ToArbitrary(), input =>
        {
            var (first, (longest, failures)) = input;
            var retry = new RetryDelay(TimeSpan.FromSeconds(first), TimeSpan.FromSeconds(longest));
            var (delay, next) = (retry.After(failures), retry.After(failures + 1));
            return retry.After(1) == TimeSpan.FromSeconds(Math.Min(first, longest)) && delay <= retry.Longest && (next == delay * 2 || next == retry.Longest || failures > 20);
        }).Check(Config.QuickThrowOnFailure);
    }

    [Fact]
    public void No_failure_counts_as_the_first() => Assert.Equal(TimeSpan.FromSeconds(1), new RetryDelay(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)).After(0));
}
