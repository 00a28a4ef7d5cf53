using System.Runtime.CompilerServices;

namespace Ringfence.Tests;

/// <summary>For tasks that end by themselves or were told to: waits for their end, and not for ever.</summary>
internal static class Waiting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <exception cref="TimeoutException">It did not end within half a minute; the message names it.</exception>
    public static async Task EndAsync(this Task task, [CallerArgumentExpression(nameof(task))] string what = "")
    {
        try
        {
            // Not the test's own token: what is awaited while a test is taken down is awaited behind a test that was ended, too.
            await task.WaitAsync(Patience, TimeProvider.System, CancellationToken.None);
        }
        catch (TimeoutException e) when (!task.IsCompleted)
        {
            throw new TimeoutException($"\"{what}\" did not end within {Patience.TotalSeconds} s", e);
        }
    }
}
