# Builds the task's image for ARM64 and pushes it, unless that very content is in the repository already.
# Run by `cdktf deploy`. Needs the AWS CLI v2 and the builder that CALLSPOOL_IMAGE_BUILDER names.
# Expects: BUILDER REGION REPOSITORY (name) REPOSITORY_URL TAG NODE_IMAGE CONTEXT (folder with the Dockerfile)
set -eu

for program in aws "$BUILDER"; do
  if ! command -v "$program" >/dev/null 2>&1; then
    echo "callspool: $program is needed to push the task's image and was not found." \
      'Install it, name another builder with CALLSPOOL_IMAGE_BUILDER,' \
      'or push the image yourself and give CALLSPOOL_IMAGE_URI (docs/DEPLOYING.md, "The image").' >&2
    exit 1
  fi
done

image="$REPOSITORY_URL:$TAG"

if aws ecr describe-images --region "$REGION" --repository-name "$REPOSITORY" \
  --image-ids "imageTag=$TAG" >/dev/null 2>&1; then
  echo "callspool: $image is there already"
  exit 0
fi

aws ecr get-login-password --region "$REGION" |
  "$BUILDER" login --username AWS --password-stdin "${REPOSITORY_URL%%/*}"

# One plain image: without it some builders push an index that holds their own attestations too.
export BUILDX_NO_DEFAULT_ATTESTATIONS=1
"$BUILDER" build --platform linux/arm64 --build-arg "NODE_IMAGE=$NODE_IMAGE" --tag "$image" "$CONTEXT"
"$BUILDER" push "$image"
