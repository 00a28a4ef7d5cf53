using Ringfence.Core.Parsing;

namespace Ringfence.Sources;

/// <summary>The phones that are registered now, as the running Asterisk knows them.</summary>
internal sealed class RegisteredContacts(AsteriskCli cli)
{
    /// <returns>No contacts, and why, if Asterisk can't be asked: the caller keeps those it had until they expire.</returns>
    public async Task<ContactReading> ReadAsync(CancellationToken stop)
    {
        var answer = await cli.AskAsync("database show registrar/contact", stop);
        return new ContactReading(PjsipContacts.Parse(answer.Output), answer.Problem);
    }
}

/// <param name="Problem">null if Asterisk was asked and answered.</param>
internal sealed record ContactReading(IReadOnlyList<RegisteredContact> Contacts, string? Problem);
