namespace Ringfence.SystemTests.Asterisk;

/// <summary>For what other processes do in their own time: asks again until it holds or the time is up.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <returns>Whether it came to hold within <paramref name="limit"/>.</returns>
    public static async Task<bool> HoldsAsync(Func<Task<bool>> condition, TimeSpan limit, CancellationToken stop)
    {
        var clock = TimeProvider.System;
        var began = clock.GetTimestamp();
        while (!await condition())
        {
            if (clock.GetElapsedTime(began) > limit)
            {
                return false;
            }

            await Task.Delay(Pause, clock, stop);
        }

        return true;
    }
}
