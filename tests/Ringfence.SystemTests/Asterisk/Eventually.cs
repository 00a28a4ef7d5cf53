namespace Ringfence.SystemTests.Asterisk;

/// <summary>For what other processes do in their own time: asks again until it holds or the time is up.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    // Most conditions start a process, which takes a busy machine seconds: a limit of 5 s may be two looks. What holds ends the wait at once, so patience costs nothing.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(30);

    /// <returns>Whether it came to hold within <paramref name="limit"/>, or half a minute if that is longer.</returns>
    public static Task<bool> HoldsAsync(Func<Task<bool>> condition, TimeSpan limit, CancellationToken stop) => WithinAsync(condition, limit < Least ? Least : limit, stop);

    /// <summary>For what may as well not come to hold.</summary>
    /// <returns>Whether it came to hold within <paramref name="limit"/>.</returns>
    public static async Task<bool> WithinAsync(Func<Task<bool>> condition, TimeSpan limit, CancellationToken stop)
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
