using System.Security.Cryptography;
using System.Text;
using Ringfence.Core.Configuration;
using Ringfence.Core.Pbx;

namespace Ringfence.Commands;

/// <summary>What <c>init --write-ami</c> changes in Asterisk's configuration, so that Ringfence may listen to the manager interface.</summary>
/// <param name="Account">The user as it is when the file is written.</param>
/// <param name="Text">The new text of its file; null: the user is there already.</param>
internal sealed record ManagerSetup(ManagerAccount Account, string? Text)
{
    /// <summary>Changes nothing.</summary>
    /// <exception cref="MistakeException">There is no manager.conf, or one that would not stay as it is.</exception>
    public static ManagerSetup Plan(MachineSurvey survey)
    {
        if (survey.Manager is not { } found)
        {
            throw new MistakeException($"--write-ami: there is no {survey.AsteriskDirectory}/manager.conf");
        }

        if (found.Exists)
        {
            return new ManagerSetup(found, null);
        }

        var account = WithSecret(found) with { Exists = true, HearsSecurity = true, MayBrake = true };
        var section = string.Join('\n', ManagerAccount.Section(account.Secret!, account.Address.Address));
        return new ManagerSetup(account, $"{Read(account.File).TrimEnd('\n')}\n\n; Written by `ringfence init`: may hear security events and calls, and end calls.\n{section}\n");
    }

    /// <summary>A secret for a user that is not there yet: ringfence.conf shows what to write into manager.conf by hand.</summary>
    public static ManagerAccount WithSecret(ManagerAccount account) =>
        account.Exists ? account : account with { Secret = RandomNumberGenerator.GetHexString(32, lowercase: true) };

    /// <summary>Writes the file; a copy of the old one stays beside it.</summary>
    /// <returns>The file; null: nothing was to be written.</returns>
    public string? Write(TimeProvider clock)
    {
        if (Text is null)
        {
            return null;
        }

        // To a file that is there: it keeps its owner, and Asterisk, which is not root, can read it.
        KeptCopy.Of(Account.File, clock);
        AtomicFile.WriteAllText(Account.File, Text);
        return Account.File;
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new MistakeException($"--write-ami: {path} is not UTF-8, and would not stay as it is; add the section by hand (ringfence init shows it in ringfence.conf)");
        }
    }
}
