using System.Net.Sockets;
using Ringfence.Core.Gate;

namespace Ringfence.Gate;

/// <summary>A call that asks, from its connection on until it was told what becomes of it.</summary>
/// <param name="socket">It does not block; ends with the connection.</param>
/// <param name="since">When it came, by the clock's timestamp.</param>
internal sealed class GateConnection(Socket socket, long since) : IDisposable
{
    private IEnumerator<string>? _commands;

    public Socket Socket => socket;

    public AgiSession Session { get; } = new(socket);

    public long Since => since;

    /// <summary>null: it has not said yet whose it is.</summary>
    public GateCall? Call { get; set; }

    /// <summary>null: nothing was decided yet.</summary>
    public GateDecision? Decision { get; private set; }

    /// <summary>It was let out, and nobody knows whether Asterisk heard of that; or its channel was let out before to another number, and its caller is asked for a PIN.</summary>
    public bool MayBeOut => Decision is not { IsAllowed: false };

    /// <summary>Decides, and begins to say so.</summary>
    public void Tell(GateDecision decision)
    {
        Decision = decision;
        _commands = decision.Commands().GetEnumerator();
        _commands.MoveNext();
        Session.Send(_commands.Current);
    }

    /// <summary>Goes on telling as far as Asterisk has answered.</summary>
    /// <returns>Whether all is told.</returns>
    /// <exception cref="AgiException">Asterisk did not do it, or the caller has gone.</exception>
    public bool Goes()
    {
        while (Session.Reply(_commands!.Current) is not null)
        {
            if (!_commands.MoveNext())
            {
                return true;
            }

            Session.Send(_commands.Current);
        }

        return false;
    }

    public void Dispose() => Session.Dispose();
}
