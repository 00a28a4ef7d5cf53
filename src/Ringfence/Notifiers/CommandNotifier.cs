using Ringfence.Core.Configuration;
using Ringfence.Core.Notices;

namespace Ringfence.Notifiers;

/// <summary>Tells a program of the operator's.</summary>
internal sealed class CommandNotifier(NotifierSettings settings, TimeProvider clock) : INotifier
{
    // An attacker's text is in the JSON alone: what is in the environment is ours, for scripts that forget their quotes.
    public Task<Answer> SendAsync(NoticeMessage message, CancellationToken stop) => FedCommand.RunAsync(
        settings.Command[0],
        [.. settings.Command.Skip(1)],
        NoticeBody.Json(message),
        [
            ("RINGFENCE_ID", message.Id),
            ("RINGFENCE_KIND", message.Kind),
            ("RINGFENCE_SEVERITY", NoticeText.Name(message.Severity)),
            ("RINGFENCE_ADDRESS", message.Notice?.Address ?? ""),
            ("RINGFENCE_RULE", message.Notice?.Rule ?? ""),
            ("RINGFENCE_SUBJECT", message.Subject),
        ],
        clock,
        stop);
}
