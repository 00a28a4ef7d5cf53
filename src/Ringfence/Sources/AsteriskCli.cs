using System.Net.Sockets;
using Ringfence.Core.Pbx;

namespace Ringfence.Sources;

/// <summary>Asks the running Asterisk by its own command line: "asterisk -rx COMMAND".</summary>
/// <param name="asterisk">The program; looked up in PATH when it has no slash.</param>
/// <param name="directory">Asterisk's configuration directory: its asterisk.conf says where the control socket is.</param>
internal sealed class AsteriskCli(string asterisk, string directory, TimeProvider clock)
{
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was called.</exception>
    public async Task<CommandAnswer> AskAsync(string command, CancellationToken stop)
    {
        var answer = await ShortCommand.RunAsync(asterisk, directory == "/etc/asterisk" ? ["-rx", command] : ["-C", $"{directory}/asterisk.conf", "-rx", command], clock, stop);

        // It says "does asterisk.ctl exist?" whatever the reason is.
        return answer.Problem is not null && Refuses(ControlSocket.Read(directory, new ConfigDirectory()).Path) is { } refusal ? answer with { Problem = refusal } : answer;
    }

    /// <returns>That the socket is closed to this user, and the cure; null: it is not, or not there.</returns>
    public static string? Refuses(string path)
    {
        // Not blocking: of an Asterisk that hangs the backlog is full soon, and connect(2) would wait for room in it without end. EAGAIN is no refusal.
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return null;
        }
        catch (SocketException error)
        {
            return error.SocketErrorCode == SocketError.AccessDenied ? $"{Shown.Text(path)} is closed to the user {Environment.UserName}: {ControlSocket.Cure}" : null;
        }
        catch (ArgumentException)
        {
            // Longer than the 107 bytes of a socket's path: then Asterisk has none either.
            return null;
        }
    }
}
