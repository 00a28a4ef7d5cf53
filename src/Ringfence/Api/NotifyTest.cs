using Ringfence.Notifiers;

namespace Ringfence.Api;

/// <param name="Results">One for each receiver that was asked.</param>
internal sealed record NotifyTestReport(IReadOnlyList<NotifyTestResult> Results);

/// <param name="Kind">"mail", "webhook", "syslog" or "command".</param>
/// <param name="Taken">The other side has it.</param>
/// <param name="Answer">What it said, or what went wrong.</param>
internal sealed record NotifyTestResult(string Name, string Kind, bool Taken, string Answer);

/// <summary>Sends test notices, past the queue: the answer is what is asked for.</summary>
internal static class NotifyTest
{
    // Below the patience of DaemonClient.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(12);

    /// <exception cref="RefusedException">There is no such receiver, or none at all.</exception>
    public static async Task<NotifyTestReport> RunAsync(IReadOnlyList<Receiver> receivers, string? name, TimeProvider clock, CancellationToken stop)
    {
        List<Receiver> asked = [.. receivers.Where(receiver => name is null || receiver.Name == name)];
        if (asked.Count == 0)
        {
            throw new RefusedException(receivers.Count == 0
                ? "nobody is to be told: there is no section [notify NAME] in the configuration that is in force"
                : $"there is no [notify {name}]; there is {string.Join(", ", receivers.Select(receiver => receiver.Name))}");
        }

        return new NotifyTestReport(await Task.WhenAll(asked.Select(receiver => AskAsync(receiver, clock, stop))));
    }

    private static async Task<NotifyTestResult> AskAsync(Receiver receiver, TimeProvider clock, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            var answer = await receiver.TestAsync(either.Token);
            return new NotifyTestResult(receiver.Name, receiver.Kind, answer.Kind == AnswerKind.Taken, answer.Words);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new NotifyTestResult(receiver.Name, receiver.Kind, false, $"no answer within {Limit.TotalSeconds} s");
        }
    }
}
