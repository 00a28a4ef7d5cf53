namespace Ringfence.Sources;

/// <summary>Asks the running Asterisk by its own command line: "asterisk -rx COMMAND".</summary>
/// <param name="asterisk">The program; looked up in PATH when it has no slash.</param>
/// <param name="directory">Asterisk's configuration directory: its asterisk.conf says where the control socket is.</param>
internal sealed class AsteriskCli(string asterisk, string directory, TimeProvider clock)
{
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was called.</exception>
    public Task<CommandAnswer> AskAsync(string command, CancellationToken stop) =>
        ShortCommand.RunAsync(asterisk, directory == "/etc/asterisk" ? ["-rx", command] : ["-C", $"{directory}/asterisk.conf", "-rx", command], clock, stop);
}
